globalThis.siteWords = {
 "language": "de",
 "words": {}
};
