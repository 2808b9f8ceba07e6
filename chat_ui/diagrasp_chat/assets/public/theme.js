// Chainlit's configuration knows light and dark only; the browser's own preference is the better start.
if (!localStorage.getItem('vite-ui-theme')) localStorage.setItem('vite-ui-theme', 'system');
