/** As `static/words/de.js` does, which runs before the modules. */
export function speakGerman(words) {
  globalThis.siteWords = { language: "de", words };
}

export function speakEnglish() {
  delete globalThis.siteWords;
}
