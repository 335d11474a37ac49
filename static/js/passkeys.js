/** Passkey buttons: shown where the browser knows passkeys, with words for what a passkey's failure means. */
import { _ } from "./pure/words.js";

const WORDS = {
  NotAllowedError: _(
    "No passkey was used: the request was cancelled or timed out. Try again when your key is at hand.",
  ),
  InvalidStateError: _("This key is already on your account. Use another one."),
  SecurityError: _(
    "Passkeys work only on this site’s own address over https. Check the address bar.",
  ),
  NotSupportedError: _("This key cannot do what is asked of it. Use another one."),
};
const UNKNOWN = _("The passkey could not be used. Try again, or sign in another way.");

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-needs=passkeys]")) {
    if (part instanceof HTMLElement) part.hidden = false;
  }
}

document.addEventListener("allauth.error", (event) => {
  if (!(event instanceof CustomEvent)) return;
  event.preventDefault();
  const notice = document.getElementById("passkey-trouble");
  const words = notice?.querySelector("[data-words]");
  if (!notice || !words) return;
  notice.hidden = false;
  words.textContent = WORDS[event.detail.exception?.name] ?? UNKNOWN;
  notice.scrollIntoView({ block: "nearest" });
});
