// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Stands beside P256.sol because remappings take whole folders; this one changes nothing.
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
