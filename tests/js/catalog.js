/** As Django's JavaScript catalog answers: what it does not know comes back as it was asked. */
export function speakGerman(words) {
  globalThis.document = { documentElement: { lang: "de" } };
  globalThis.django = {
    gettext: (text) => words[text] ?? text,
    ngettext: (one, many, count) => words[one]?.[count === 1 ? 0 : 1] ?? (count === 1 ? one : many),
  };
}

export function speakEnglish() {
  delete globalThis.document;
  delete globalThis.django;
}
