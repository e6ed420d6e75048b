// A relying party made of openid-client alone. It talks to the test by lines: `{"open": url}` asks for a browser to be
// sent there, the answer is the address the browser ended at; the last line is what it found out.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const given = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

async function opened(url) {
  say({ open: url.href });
  return new URL((await lines.next()).value);
}

async function discovered(id, proof) {
  const config = await client.discovery(new URL(given.issuer), id, undefined, proof, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
  return config;
}

async function people() {
  const config = await discovered(given.web.id, client.ClientSecretBasic(given.web.secret));
  const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(),
    expectedNonce: client.randomNonce(), maxAge: 300 };
  const back = await opened(client.buildAuthorizationUrl(config, {
    redirect_uri: given.web.redirect, scope: "openid profile email offline_access parks:read", max_age: "300",
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: "S256",
    state: checks.expectedState, nonce: checks.expectedNonce,
  }));
  const first = await client.authorizationCodeGrant(config, back, checks);
  const claims = first.claims();
  const person = await client.fetchUserInfo(config, first.access_token, claims.sub);
  const api = await client.fetchProtectedResource(config, first.access_token, new URL("/v1/parks", given.issuer), "GET");
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  const seen = await client.tokenIntrospection(config, second.access_token);
  const reuse = await client.refreshTokenGrant(config, first.refresh_token).catch((error) => error.error);
  const after = await client.tokenIntrospection(config, second.access_token);
  const left = await opened(client.buildEndSessionUrl(config, {
    id_token_hint: second.id_token, post_logout_redirect_uri: given.web.left, state: "bye",
  }));
  return { claims, person, api: api.status, rotated: second.refresh_token !== first.refresh_token, active: seen.active,
    reuse, activeAfterReuse: after.active, left: left.href, refreshedClaims: second.claims() };
}

async function replayed() {
  const config = await discovered(given.web.id, client.ClientSecretBasic(given.web.secret));
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const back = await opened(client.buildAuthorizationUrl(config, {
    redirect_uri: given.web.redirect, scope: "openid", code_challenge_method: "S256",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  }));
  const foreign = new URL(back);
  foreign.searchParams.set("iss", "https://elsewhere.example");
  const mixUp = await client.authorizationCodeGrant(config, foreign, { pkceCodeVerifier }).catch((error) => error.code);
  const wrong = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: client.randomPKCECodeVerifier() })
    .catch((error) => error.error);
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier });
  await client.tokenRevocation(config, tokens.access_token);
  const revoked = await client.tokenIntrospection(config, tokens.access_token);
  return { mixUp, wrong, revoked: revoked.active };
}

async function machine() {
  const key = await crypto.subtle.importKey("jwk", given.machine.key, { name: "Ed25519" }, false, ["sign"]);
  const config = await discovered(given.machine.id, client.PrivateKeyJwt(key));
  const tokens = await client.clientCredentialsGrant(config, { scope: "parks:read" });
  return { scope: tokens.scope, kind: tokens.token_type };
}

async function device() {
  const config = await discovered(given.cli.id, client.None());
  const waiting = await client.initiateDeviceAuthorization(config, { scope: "openid parks:read" });
  await opened(new URL(waiting.verification_uri_complete));
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...waiting, interval: 0.1 });
  return { scope: tokens.scope, sub: tokens.claims().sub, refresh: typeof tokens.refresh_token };
}

const found = { people: await people(), replayed: await replayed(), machine: await machine(), device: await device() };
say({ found });
process.exit(0);
