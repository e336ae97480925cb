import { defineConfig } from 'vitest/config';

/** A worker for each CPU: vitest would keep one for itself, and here it hardly works, the lab's guests do. */
export default defineConfig({ test: { maxWorkers: '100%' } });
