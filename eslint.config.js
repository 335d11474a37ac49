import js from "@eslint/js";
import globals from "globals";

const strict = {
  ...js.configs.recommended.rules,
  "array-callback-return": "error",
  complexity: ["error", 12],
  "consistent-return": "error",
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
  "no-console": "error",
  "no-else-return": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-param-reassign": "error",
  "no-shadow": "error",
  "no-throw-literal": "error",
  "no-unused-vars": ["error", { args: "all", argsIgnorePattern: "^_", caughtErrors: "none" }],
  "no-use-before-define": ["error", { functions: false }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

// Text of a photo or a server never becomes markup.
const noMarkup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"].map((name) => ({
  selector: `MemberExpression[property.name="${name.split(".").pop()}"]`,
  message: `${name} turns text into markup; build nodes or fill a <template>.`,
}));

// Sentences to translate are found by their calls, so they stand in them written out.
const written = ":not(Literal, BinaryExpression[operator='+'])";
const wholeSentences = [
  `CallExpression[callee.name="_"] > ${written}.arguments`,
  `CallExpression[callee.name="ngettext"] > ${written}.arguments:not(:last-child)`,
].map((selector) => ({
  selector,
  message: "makemessages does not find it: write the sentence out and `fill` its values.",
}));

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["static/js/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.browser },
    rules: { ...strict, "no-restricted-syntax": ["error", ...noMarkup, ...wholeSentences] },
  },
  {
    // Logic without a page: node runs it as it is.
    files: ["static/js/pure/**/*.js"],
    languageOptions: { globals: globals["shared-node-browser"] },
    rules: { "no-restricted-globals": ["error", "document", "window", "navigator", "location"] },
  },
  {
    files: ["tests/js/**/*.js", "eslint.config.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.node },
    rules: strict,
  },
];
