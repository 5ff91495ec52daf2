// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEAS } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";
import { ISchemaRegistry } from "@ethereum-attestation-service/eas-contracts/contracts/ISchemaRegistry.sol";
import { ISchemaResolver } from "@ethereum-attestation-service/eas-contracts/contracts/resolver/ISchemaResolver.sol";

import { LedgerAccess } from "../../../contracts/access/LedgerAccess.sol";
import { Roles } from "../../../contracts/access/Roles.sol";
import { AttestationResolver } from "../../../contracts/attestation/AttestationResolver.sol";
import { Schema } from "../../../contracts/attestation/Schemas.sol";
import { DeviceRegistry } from "../../../contracts/device/DeviceRegistry.sol";
import { PartyRegistry } from "../../../contracts/party/PartyRegistry.sol";
import { PartyId, PartyKinds, WalletEnrolment } from "../../../contracts/party/Types.sol";
import { LotLedger } from "../../../contracts/trace/LotLedger.sol";
import { PinRegistry } from "../../../contracts/trace/PinRegistry.sol";
import { Test, Vm } from "./Test.sol";

/// @notice The whole ledger as it is deployed, with one party of most kinds. The test contract is ADMIN.
abstract contract World is Test {
    uint40 internal constant NOON = 1_764_000_000;
    uint40 internal constant VERIFIED_UNTIL = NOON + 365 days;
    uint16 internal constant ALL_POWERS = 255;
    uint16 internal constant CHINA = 156;
    string private constant _EAS_ARTIFACTS =
        "node_modules/@ethereum-attestation-service/eas-contracts/artifacts/contracts/";

    LedgerAccess internal access;
    PartyRegistry internal parties;
    DeviceRegistry internal devices;
    PinRegistry internal pins;
    LotLedger internal lots;
    ISchemaRegistry internal schemaRegistry;
    IEAS internal eas;
    AttestationResolver internal resolver;

    address internal partyAdmin = vm.addr(key("party admin"));
    address internal registrar = vm.addr(key("registrar"));
    address internal registrarTwo = vm.addr(key("registrar two"));
    address internal metrologist = vm.addr(key("metrologist"));
    address internal streamAdmin = vm.addr(key("stream admin"));
    address internal stranger = vm.addr(key("stranger"));

    PartyId internal producer;
    PartyId internal market;
    PartyId internal merchant;
    PartyId internal lab;
    PartyId internal regulator;
    PartyId internal bank;
    PartyId internal certifier;
    PartyId internal metrologyBody;

    function setUp() public virtual {
        vm.warp(NOON);
        deploy();
        access.grantRole(Roles.PARTY_ADMIN, partyAdmin, 0);
        access.grantRole(Roles.REGISTRAR, registrar, 0);
        access.grantRole(Roles.REGISTRAR, registrarTwo, 0);
        access.grantRole(Roles.METROLOGY, metrologist, 0);
        access.grantRole(Roles.STREAM_ADMIN, streamAdmin, 0);
        producer = newParty("producer", PartyKinds.PRODUCER);
        market = newParty("market", PartyKinds.MARKET);
        merchant = newParty("merchant", PartyKinds.MERCHANT);
        lab = newParty("lab", PartyKinds.LAB);
        regulator = newParty("regulator", PartyKinds.REGULATOR);
        bank = newParty("bank", PartyKinds.BANK);
        certifier = newParty("certifier", PartyKinds.CERTIFIER);
        metrologyBody = newParty("metrology body", PartyKinds.METROLOGY);
    }

    /// @dev In the order of the deployment; contracts name each other by addresses known before.
    function deploy() internal {
        access = new LedgerAccess(address(this));
        parties = new PartyRegistry(access);
        devices = new DeviceRegistry(access, parties);
        pins = new PinRegistry(access, parties);
        address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        lots = new LotLedger(parties, expected);
        schemaRegistry = ISchemaRegistry(create(artifact("SchemaRegistry"), ""));
        eas = IEAS(create(artifact("EAS"), abi.encode(schemaRegistry)));
        resolver = new AttestationResolver(eas, parties, lots);
        assertEq(address(resolver), expected);
        Schema[] memory schemas = resolver.schemas();
        for (uint256 i = 0; i < schemas.length; ++i) {
            bytes32 uid =
                schemaRegistry.register(schemas[i].text, ISchemaResolver(address(resolver)), schemas[i].revocable);
            assertEq(uid, schemas[i].uid);
        }
    }

    function artifact(string memory name) internal view returns (bytes memory) {
        return vm.getCode(string.concat(_EAS_ARTIFACTS, name, ".sol/", name, ".json"));
    }

    function create(bytes memory code, bytes memory arguments) internal returns (address deployed) {
        bytes memory initCode = bytes.concat(code, arguments);
        assembly {
            deployed := create(0, add(initCode, 32), mload(initCode))
        }
        assertTrue(deployed != address(0));
    }

    /// @dev A private key by name.
    function key(string memory name) internal pure returns (uint256) {
        return uint256(keccak256(bytes(name)));
    }

    function wallet(string memory name) internal pure returns (address) {
        return vm.addr(key(name));
    }

    /// @dev A party with one wallet of all powers, both of this name.
    function newParty(string memory name, uint16 kinds) internal returns (PartyId party) {
        vm.prank(partyAdmin);
        party = parties.registerParty(keccak256(bytes(name)), kinds, CHINA, VERIFIED_UNTIL);
        enrolWallet(party, name, ALL_POWERS);
    }

    function enrolWallet(PartyId party, string memory name, uint16 powers) internal {
        WalletEnrolment memory enrolment =
            WalletEnrolment(party, wallet(name), powers, 0, uint64(block.timestamp) + 1 hours);
        bytes memory signature = signed(key(name), parties.walletEnrolmentDigest(enrolment));
        vm.prank(partyAdmin);
        parties.enrolWallet(enrolment, signature, partyAdmin, "");
    }

    /// @dev r, s, v.
    function signed(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev X and Y.
    function secp256k1PublicKey(string memory name) internal returns (bytes memory) {
        Vm.Wallet memory one = vm.createWallet(key(name));
        return abi.encode(one.publicKeyX, one.publicKeyY);
    }
}
