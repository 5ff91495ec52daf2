// Reads one attestation with the unmodified EAS SDK: node read_attestation.mjs RPC_URL EAS_ADDRESS SCHEMA_REGISTRY UID
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { EAS, SchemaRegistry, SchemaEncoder } = require("@ethereum-attestation-service/eas-sdk");
const { JsonRpcProvider } = require("ethers");

const [rpcUrl, easAddress, registryAddress, uid] = process.argv.slice(2);
const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true });
const eas = new EAS(easAddress);
eas.connect(provider);
const registry = new SchemaRegistry(registryAddress);
registry.connect(provider);

const attestation = await eas.getAttestation(uid);
const schema = await registry.getSchema({ uid: attestation.schema });
const decoded = new SchemaEncoder(schema.schema).decodeData(attestation.data);
const plain = (value) => (typeof value === "bigint" ? value.toString() : Array.isArray(value) ? value.map(plain) : value);
console.log(
  JSON.stringify({
    version: await eas.getVersion(),
    uid: attestation.uid,
    schema: schema.schema,
    resolver: schema.resolver,
    attester: attestation.attester,
    recipient: attestation.recipient,
    revoked: await eas.isAttestationRevoked(uid),
    valid: await eas.isAttestationValid(uid),
    data: Object.fromEntries(decoded.map((field) => [field.name, plain(field.value.value)])),
  }),
);
provider.destroy();
