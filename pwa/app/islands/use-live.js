/** What a query over the store says now, and again when one of its stores changes. */
import "@preact/signals";
import { useMemo } from "preact/hooks";
import { live } from "../store/live.js";

/**
 * @template T
 * @param {() => Promise<T>} query
 * @param {StoreName[]} stores
 * @param {unknown[]} [inputs] what the query depends on besides
 * @returns {T | null | undefined} undefined: not read yet · null: this browser keeps nothing for us
 */
export function useLive(query, stores, inputs = []) {
  const seen = useMemo(() => live(() => query().catch(() => /** @type {null} */ (null)), stores), inputs);
  return seen.value;
}
