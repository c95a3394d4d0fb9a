// Checks a token with code that is not ours (jose): its signature by the key that was given, and its dates.
//
// stdin: {"token": "…", "jwk": {…}, "issuer": "did:web:…", "now": "2026-…Z"}
// stdout: {"verified": bool, "payload": {…}} or {"verified": false, "error": "…"}

import { readFileSync } from "node:fs";
import { importJWK, jwtVerify } from "jose";

const { token, jwk, issuer, now } = JSON.parse(readFileSync(0, "utf8"));
try {
  const key = await importJWK(jwk, "RS256");
  const { payload } = await jwtVerify(token, key, { algorithms: ["RS256"], issuer, currentDate: new Date(now) });
  console.log(JSON.stringify({ verified: true, payload }));
} catch (error) {
  console.log(JSON.stringify({ verified: false, error: String(error) }));
}
