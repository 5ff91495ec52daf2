// The network file: the only trust anchor of whoever checks a proof.
import { equal, sha256, toHex } from "./bytes.js";
import { Refused, readCanonical } from "./strict_json.js";
import { base64Of, decimalOf, hexOf, itemsOf, membersOf, textOf, wrong } from "./members.js";
import { NoteWrong, parsePolicy } from "./note.js";
import { domainSeparator } from "./envelope.js";

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

// Throws Refused for a file that cannot be the anchor.
export function parseNetwork(bytes) {
  const raw = membersOf(readCanonical(bytes), "", ["tidemark_network", "name", "chain_id", "genesis_hash", "contracts", "policy", "time_stamp_roots"]);
  if (raw.tidemark_network !== 1) throw wrong("/tidemark_network", "an unknown version");
  if (!NAME.test(textOf(raw.name, "/name"))) throw wrong("/name", "not text of the right form");
  hexOf(raw.genesis_hash, "/genesis_hash", 32);
  itemsOf(raw.time_stamp_roots, "/time_stamp_roots", base64Of, { highest: 64 });
  const contracts = itemsOf(raw.contracts, "/contracts", readContract, { highest: 64 });
  contracts.forEach((one, place) => {
    if (contracts.slice(0, place).some((other) => other.noun === one.noun || equal(other.address, one.address))) {
      throw wrong(`/contracts/${place}`, "a noun or an address stands twice");
    }
  });
  const chainId = decimalOf(raw.chain_id, "/chain_id");
  const address = (noun) => contracts.find((one) => one.noun === noun)?.address ?? new Uint8Array(20);
  const file = bytes[bytes.length - 1] === 10 ? bytes.slice(0, -1) : bytes;
  return {
    name: raw.name,
    chainId,
    contracts,
    address,
    policy: readPolicy(textOf(raw.policy, "/policy")),
    separator: domainSeparator(chainId, address("device")),
    sha256: toHex(sha256(file)),
  };
}

function readContract(value, pointer) {
  membersOf(value, pointer, ["noun", "address", "code_hash"]);
  if (!NAME.test(textOf(value.noun, `${pointer}/noun`))) throw wrong(`${pointer}/noun`, "not text of the right form");
  hexOf(value.code_hash, `${pointer}/code_hash`, 32);
  return { noun: value.noun, address: hexOf(value.address, `${pointer}/address`, 20) };
}

function readPolicy(text) {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof NoteWrong) throw new Refused("bad_member", error.message, { pointer: "/policy" });
    throw error;
  }
}
