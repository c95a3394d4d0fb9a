/** A part of a page that is fetched when it is first wanted, so that a first visit does not pay for it. */
import { useEffect, useState } from "preact/hooks";

/**
 * @template T
 * @param {boolean} wanted
 * @param {() => Promise<T>} load
 * @returns {T | null} null until it is here
 */
export function usePart(wanted, load) {
  const [part, setPart] = useState(/** @type {T | null} */ (null));
  useEffect(() => {
    if (wanted && !part) load().then((loaded) => setPart(() => loaded), console.warn);
  }, [wanted]);
  return part;
}
