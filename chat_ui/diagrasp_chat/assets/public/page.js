// What Chainlit's configuration cannot say.

// Its themes are light and dark; the browser's own preference is the better start.
if (!localStorage.getItem('vite-ui-theme')) localStorage.setItem('vite-ui-theme', 'system');

// Some of its notices are English and technical whatever the language.
const russian = /^(ru|be|kk|ky|tg|uz)\b/.test(navigator.language);
const NOTICES = [
    [
        /^File type must be .*$/s,
        'This kind of file is not taken: send a picture, a PDF or the source of a diagram',
        'Такие файлы не принимаются: пришлите картинку, PDF или исходник схемы'
    ],
    [
        /File type not allowed$/,
        'this kind of file is not taken; send a picture, a PDF or the source of a diagram',
        'такие файлы не принимаются; пришлите картинку, PDF или исходник схемы'
    ],
    [/^File is larger than (\d+) MB$/, 'The file is larger than $1 MB', 'Файл больше $1 МБ'],
    [/File size too large$|larger than \d+ bytes \(DIAGRASP_MAX_BYTES\)$/, 'the file is too large', 'файл слишком велик'],
    [/^Too many files$/, 'Too many files at once', 'Слишком много файлов сразу'],
    [/^Copied!?$|^Copied to clipboard$/, 'Copied', 'Скопировано']
];

function reword(node) {
    for (const [pattern, english, other] of NOTICES) {
        if (pattern.test(node.data)) {
            node.data = node.data.replace(pattern, russian ? other : english);
            return;
        }
    }
}

new MutationObserver((changes) => {
    for (const change of changes) {
        for (const added of change.addedNodes) {
            if (!(added instanceof Element) || !added.closest('[data-sonner-toaster], section[aria-label]')) continue;
            const walker = document.createTreeWalker(added, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) reword(walker.currentNode);
        }
    }
}).observe(document, { childList: true, subtree: true });
