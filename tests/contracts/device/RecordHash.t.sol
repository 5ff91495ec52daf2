// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DeviceKey } from "../../../contracts/device/DeviceKey.sol";
import { RecordHash } from "../../../contracts/device/RecordHash.sol";
import {
    BUNDLE_TYPEHASH,
    Bundle,
    DEVICE_ENROLMENT_TYPEHASH,
    DeviceEnrolment,
    DeviceId,
    KEY_ROTATION_TYPEHASH,
    KeyRotation,
    KeyType,
    RECEIPT_TYPEHASH,
    RECORD_TYPEHASH,
    Receipt,
    Record,
    STAMP_TYPEHASH,
    Stamp
} from "../../../contracts/device/Types.sol";
import { PartyId } from "../../../contracts/party/Types.sol";
import { BatchProof } from "../../../contracts/trace/proof/BatchProof.sol";
import { World } from "../support/World.sol";

contract RecordHashTest is World {
    bytes32 private constant _DIGEST = 0xc1187f4df454a04e20ce19a4051d59c015262696733109074ca8a8576dfae8d8;
    bytes private constant _PAYLOAD =
        '{"amount_minor":3650,"currency":"CNY","net_grams":1825,"unit_price_minor_per_kilogram":2000}';
    bytes private constant _ES256K =
        hex"873e01aa344ea8f3ac714c03325bee203d6fcd4b131f5b27b3a0244606189f3e51a94142543185e6d74f24e313c84774eb2fb934175b57b2aca62452b53897df1c";
    bytes private constant _ES256 =
        hex"2b429057a04b067cfe65f071f5fb1d9314da1d3d404b119202779b6817b118396c6abbc1818e1e56472d52aeafc470459c0eb7a2219b3d4fb689dcdec8c99096";

    function domain() private pure returns (bytes32) {
        return RecordHash.separator(1337, address(1));
    }

    function sale() private pure returns (Record memory) {
        return Record({
            device: DeviceId.wrap(keccak256("urn:tidemark:device:zpk-scale-001")),
            stream: keccak256("market/zpk/sale"),
            sequence: 7,
            observedAtMs: 1763800000000,
            kind: keccak256("sale"),
            value: 3650,
            exponent: -2,
            unit: keccak256("CNY"),
            previousHash: keccak256("previous"),
            payloadHash: keccak256(_PAYLOAD)
        });
    }

    /// @dev `DeviceKey` reads signatures from calldata.
    function hasSigned(KeyType keyType, bytes memory publicKey, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool)
    {
        return DeviceKey.hasSigned(keyType, publicKey, digest, signature);
    }

    function test_Record() external pure {
        assertEq(sale().payloadHash, 0xf6e5d0abba4929e798404d617a3d7bf6045257cd7f62bd522bb7e31375b24fa3);
        assertEq(RECORD_TYPEHASH, 0xfde81d5e4a24bfa57293b06527342b35ccea1b8fabdba3c0aaab5392e5ca3c31);
        assertEq(domain(), 0x3dc2ded87f8ba3e5aa75b5102300b6112fec0f1b7650bfe8f9970328924675b5);
        assertEq(RecordHash.hash(sale()), 0x98cfa7c7438b078042ab3f91ba74dc14f4e6cf3d920d9b9fbbdfa3ec09a4233e);
        assertEq(RecordHash.digest(domain(), RecordHash.hash(sale())), _DIGEST);
    }

    function test_Secp256k1() external {
        assertEq(vm.addr(key("device-1")), 0x59EeA13D0f3c3C55aA89E00eBa7D8506DE2b3fE9);
        assertEq(signed(key("device-1"), _DIGEST), _ES256K);
        bytes memory publicKey = secp256k1PublicKey("device-1");
        assertEq(keccak256(publicKey), 0xfce04d1a8478d858790a2f5059eea13d0f3c3c55aa89e00eba7d8506de2b3fe9);
        assertTrue(this.hasSigned(KeyType.Secp256k1, publicKey, _DIGEST, _ES256K));
        assertFalse(this.hasSigned(KeyType.Secp256k1, publicKey, keccak256("other"), _ES256K));
    }

    function test_P256() external view {
        (uint256 x, uint256 y) = vm.publicKeyP256(key("device-1"));
        bytes memory publicKey = abi.encode(x, y);
        assertEq(keccak256(publicKey), 0x5fa6d699aaff7533f9646b507551d437198df1f2dbcf2efaa2414ffdf27e09ba);
        assertTrue(this.hasSigned(KeyType.P256, publicKey, _DIGEST, _ES256));
        assertFalse(this.hasSigned(KeyType.P256, publicKey, keccak256("other"), _ES256));
        assertFalse(this.hasSigned(KeyType.P256, publicKey, _DIGEST, bytes.concat(_ES256, hex"00")));
    }

    function test_P256_HighS() external view {
        (uint256 x, uint256 y) = vm.publicKeyP256(key("device-1"));
        uint256 order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
        bytes memory low = _ES256;
        uint256 r;
        uint256 s;
        assembly {
            r := mload(add(low, 32))
            s := mload(add(low, 64))
        }
        assertFalse(this.hasSigned(KeyType.P256, abi.encode(x, y), _DIGEST, abi.encode(r, order - s)));
    }

    function test_Ed25519IsNeverChecked() external view {
        assertFalse(this.hasSigned(KeyType.Ed25519, new bytes(32), _DIGEST, new bytes(64)));
    }

    function test_RecordHashAndLeaf() external pure {
        bytes32 record = BatchProof.recordHash(_DIGEST, sha256(_ES256K), 1763800001250, 1, 0);
        assertEq(record, 0x0588a3502d766b12b74892ac53ee6352976d8e7bca98d11ae719cf1f5eb58797);
        assertEq(
            BatchProof.leafHash(record, 3650, 1825), 0x59c96010c2647f9c14b9f1b56f4c3d7c8d36cc6329c24271630caaaea9bf9f86
        );
    }

    function test_Bundle() external pure {
        Bundle memory bundle = Bundle({
            gateway: DeviceId.wrap(keccak256("urn:tidemark:device:zpk-gw-01")),
            sequence: 41,
            bundledAtMs: 1763800002000,
            count: 3,
            root: 0x6118ba81b5a510341c7327cdf05359ca301d87036b98a863004ac166c709b539,
            previousHash: 0
        });
        bytes32 digest = RecordHash.digest(domain(), RecordHash.hash(bundle));
        assertEq(digest, 0xdbfa9966cdce63282c7ff42ccb3500941a3dff26f8e8af2925c29fa30ba38470);
        bytes memory signature = abi.encodePacked(digest, signed(key("device-1"), digest));
        assertEq(
            BatchProof.recordHash(_DIGEST, sha256(signature), 1763800001250, 1, 0),
            0x0601cbaf177c9cf24b9dc2d0dfb099b5ec37d1bbff6a58a727136585f1bdc33d
        );
    }

    function testFuzz_OtherStructs(bytes32 a, bytes32 b, uint64 c, uint64 d, int64 e, uint256 f) external pure {
        assertEq(DEVICE_ENROLMENT_TYPEHASH, 0x1b91752724312f24884e74df90ef015634887293a181088b2cf9b7043be140c6);
        DeviceId device = DeviceId.wrap(a);
        assertEq(
            RecordHash.hash(Bundle(device, c, d, 9, b, a)),
            keccak256(abi.encode(BUNDLE_TYPEHASH, a, c, d, uint32(9), b, a))
        );
        assertEq(RecordHash.hash(Stamp(a, c, e)), keccak256(abi.encode(STAMP_TYPEHASH, a, c, e)));
        assertEq(RecordHash.hash(Receipt(device, c, b, d)), keccak256(abi.encode(RECEIPT_TYPEHASH, a, c, b, d)));
        assertEq(
            RecordHash.hash(DeviceEnrolment(device, PartyId.wrap(7), b, KeyType.P256, f, c)),
            keccak256(abi.encode(DEVICE_ENROLMENT_TYPEHASH, a, uint32(7), b, uint8(1), f, c))
        );
        assertEq(
            RecordHash.hash(KeyRotation(device, b, KeyType.Ed25519, f, d)),
            keccak256(abi.encode(KEY_ROTATION_TYPEHASH, a, b, uint8(2), f, d))
        );
    }

    function test_RegistryDomain() external {
        vm.chainId(1337);
        assertEq(
            devices.recordDigest(sale()),
            RecordHash.digest(RecordHash.separator(1337, address(devices)), RecordHash.hash(sale()))
        );
    }
}
