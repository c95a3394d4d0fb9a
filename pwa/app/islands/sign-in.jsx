/** Signing in by a link: the secret comes in the fragment, leaves the address at once, and goes into the page's own form. */
import "../load/visiting.js";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext } from "../i18n.js";
import { Notice } from "./notice.jsx";

/** @typedef {{ wait?: string, slow?: string, button?: string }} Words in place of those of signing in */

/**
 * @param {HTMLElement} element the page's own form is inside of it, or elsewhere in the page
 * @param {Words} words
 */
export function start(element, words = {}) {
  const token = location.hash.slice(1);
  if (token) history.replaceState(history.state, "", location.pathname + location.search);
  const form = element.querySelector("form") ?? document.querySelector("main form");
  const field = form?.elements.namedItem("token");
  if (!token) return; // the page itself says how to get a link
  if (!form || !(field instanceof HTMLInputElement)) return;
  field.value = token;
  const room = document.createElement("div");
  form.before(room);
  form.hidden = true;
  for (const other of document.querySelectorAll("[data-without-link]")) other.setAttribute("hidden", "");
  render(<SignIn form={form} words={words} />, room);
}

/** @param {{ form: HTMLFormElement, words: Words }} props */
function SignIn({ form, words }) {
  const [slow, setSlow] = useState(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));

  useEffect(() => {
    form.requestSubmit();
    // Still here after a while: no signal, or the browser stopped it. Then a person's own tap is the way.
    const timer = setTimeout(() => setSlow(true), 4000);
    const back = (/** @type {PageTransitionEvent} */ event) => event.persisted && setSlow(true);
    addEventListener("pageshow", back);
    return () => {
      clearTimeout(timer);
      removeEventListener("pageshow", back);
    };
  }, []);

  useEffect(() => {
    if (slow) button.current?.focus();
  }, [slow]);

  return (
    <div role="status">
      {slow ? (
        <Notice
          title={words.slow ? "" : gettext("You are not signed in yet")}
          ways={
            <button ref={button} type="button" class="button" onClick={() => form.requestSubmit()}>
              {words.button ?? gettext("Sign in")}
            </button>
          }
        >
          <p>{words.slow ?? gettext("Your link is here and can be used. Check your connection, then go on.")}</p>
        </Notice>
      ) : (
        <p>{words.wait ?? gettext("Signing you in…")}</p>
      )}
    </div>
  );
}
