// Signatures of devices, logs and witnesses: strict, and alike in every language.
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, byte, equal, keccak256, toHex, toNumber } from "./bytes.js";

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const PRIME = (1n << 255n) - 19n;
// y of the points whose order divides 8, the sign of x left out.
const SMALL_ORDER_Y = new Set([
  0n,
  1n,
  PRIME - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);
const reversed = (bytes) => toNumber(Uint8Array.from(bytes).reverse());
let webKeys = new Map();

// Ed25519 through WebCrypto where its importKey takes it, else by curves' own arithmetic.
async function verifyEd25519(publicKey, message, signature) {
  if (signature.length !== 64 || reversed(signature.slice(32)) >= ORDER) return false;
  const key = await webKey(publicKey);
  if (key) return globalThis.crypto.subtle.verify("Ed25519", key, signature, message);
  return verifyByCurves(publicKey, message, signature);
}

async function webKey(publicKey) {
  const name = toHex(publicKey);
  if (!webKeys.has(name)) {
    if (webKeys.size > 256) webKeys = new Map();
    const subtle = globalThis.crypto?.subtle;
    const imported = subtle ? subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]).catch(() => null) : Promise.resolve(null);
    webKeys.set(name, imported);
  }
  return webKeys.get(name);
}

// R must be exactly s·B − k·A, without the cofactor, as OpenSSL and BoringSSL check it.
function verifyByCurves(publicKey, message, signature) {
  try {
    const { Point } = ed25519;
    const challenge = reversed(sha512(concat(signature.slice(0, 32), publicKey, message))) % ORDER;
    const scalar = reversed(signature.slice(32));
    const left = scalar === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(scalar);
    const right = challenge === 0n ? Point.ZERO : Point.fromBytes(publicKey, true).multiplyUnsafe(challenge);
    return equal(left.subtract(right).toBytes(), signature.slice(0, 32));
  } catch {
    return false;
  }
}

export const verifyNoteSignature = verifyEd25519;

// Whether a device's key of this type (0 secp256k1, 1 P-256, 2 Ed25519) made the signature over a 32-byte digest.
export async function verifyDeviceSignature(keyType, publicKey, digest, signature) {
  if (keyType === 0) return verifySecp256k1(publicKey, digest, signature);
  if (keyType === 1) return verifyP256(publicKey, digest, signature);
  if (publicKey.length !== 32) return false;
  const y = reversed(publicKey) & ((1n << 255n) - 1n);
  if (y >= PRIME || SMALL_ORDER_Y.has(y)) return false;
  return verifyEd25519(publicKey, digest, signature);
}

function verifySecp256k1(publicKey, digest, signature) {
  if (publicKey.length !== 64 || signature.length !== 65 || (signature[64] !== 27 && signature[64] !== 28)) return false;
  const s = toNumber(signature.slice(32, 64));
  if (s === 0n || s > secp256k1.Point.Fn.ORDER >> 1n) return false;
  try {
    const made = secp256k1.Signature.fromBytes(signature.slice(0, 64), "compact").addRecoveryBit(signature[64] - 27);
    return equal(made.recoverPublicKey(digest).toBytes(false).slice(1), publicKey);
  } catch {
    return false;
  }
}

function verifyP256(publicKey, digest, signature) {
  if (publicKey.length !== 64 || signature.length !== 64) return false;
  try {
    return p256.verify(signature, digest, concat(byte(4), publicKey), { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

export const keyHash = (publicKey) => keccak256(publicKey);
