/** The page's whole script: it adds a copy button and a save button. Without it the page lacks nothing else. */
export const SCRIPT = `
for (const box of document.querySelectorAll('.command')) {
  const [code, button] = [box.querySelector('code'), box.querySelector('button')];
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
}
const save = document.getElementById('save');
save.hidden = false;
save.addEventListener('click', () => {
  const link = document.createElement('a');
  const blob = new Blob([document.getElementById('data').textContent], { type: 'application/json' });
  link.href = URL.createObjectURL(blob);
  link.download = 'tunesmith-report.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
`;
