/** One more phone that is at hand: a button, and the code in its place. */
import { useEffect, useRef, useState } from "preact/hooks";
import { gettext } from "../i18n.js";

export function OtherPhone() {
  const [own, setOwn] = useState(/** @type {typeof import("./own.js") | null} */ (null));
  const way = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const shown = useRef(false);
  useEffect(() => {
    if (!own && shown.current) way.current?.focus();
    shown.current = Boolean(own);
  }, [own]);
  if (own)
    return (
      <div class="card">
        <own.SecondPhone onDone={() => setOwn(null)} />
      </div>
    );
  return (
    <p>
      <button ref={way} type="button" class="button button-quiet" onClick={() => void import("./own.js").then(setOwn, console.warn)}>
        {gettext("Use another phone too")}
      </button>
    </p>
  );
}
