/** Days are the reader's: what is asked for carries how far their clock is from the server's. */
import { dayKey } from "../pure/countdown.js";
import { now } from "./clock.js";

const DAY = 86_400_000;

/** @param {ParentNode} root */
export function askInZone(root) {
  const menu = root.querySelector("[data-days-menu]");
  if (!menu) return;
  const zone = String(-now().getTimezoneOffset());
  menu.querySelectorAll("a").forEach((link, index) => {
    const address = new URL(link.href);
    address.searchParams.set("day", dayKey(new Date(now().getTime() - index * DAY)));
    address.searchParams.set("zone", zone);
    link.href = `?${address.searchParams}`;
    const shown = new URLSearchParams(location.search).get("day");
    if (shown === address.searchParams.get("day")) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  const field = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: "zone",
    value: zone,
  });
  menu.querySelector("form")?.append(field);
}
