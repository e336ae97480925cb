// Debian's libelf.a of elfutils 0.192 refers to two functions that only its shared library contains. They set
// up and free a tree of raw chunks, which libbpf never asks libelf for, so an empty tree is all there is to
// it. Weak: a complete libelf.a has its own.
extern "C" {

struct search_tree {
  void* root;
};

__attribute__((weak)) void eu_search_tree_init(search_tree* tree) {
  tree->root = nullptr;
}

__attribute__((weak)) void eu_search_tree_fini(search_tree*, void (*)(void*)) {}

}  // extern "C"
