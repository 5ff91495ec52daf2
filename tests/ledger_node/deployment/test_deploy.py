"""A deployment is repeatable, resumable, signed, and recognised or refused by what the node answers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785

from ledger_node.bindings import ledger_access, schema_registry
from ledger_node.chain.signer import DemoSigner
from ledger_node.deployment.demo import all_accounts, deploy_demo, deployer, operator
from ledger_node.deployment.deploy import contract_addresses, created_address
from ledger_node.deployment.deployment import NOUNS, Deployment, check_deployment
from ledger_node.deployment.transact import Step, transact
from ledger_node.errors import ChainShorter, CodeWrong, ConfigurationWrong, DeploymentFailed, WrongChain
from tests.support.chain import LANES, SEED, Chain, a_clock, a_runner


def test_addresses_follow_from_the_deployers_nonces(chain: Chain) -> None:
    assert chain.deployment.addresses() == contract_addresses(deployer(SEED).address)
    assert chain.node.nonce(deployer(SEED).address) == len(NOUNS)


def test_a_created_address_is_the_yellow_papers() -> None:
    creator = bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    wanted = ["cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d", "343c43a37d37dff08ae8c4a11544c718abb4fcf8"]
    assert [created_address(creator, nonce).hex() for nonce in (0, 1)] == wanted


def test_deploying_again_changes_nothing_and_says_the_same(chain: Chain) -> None:
    nonces = [chain.node.nonce(account) for account in all_accounts(SEED, LANES)]
    assert deploy_demo(chain.node, chain.engine, SEED) == chain.deployment
    assert [chain.node.nonce(account) for account in all_accounts(SEED, LANES)] == nonces


def test_a_deployment_that_was_cut_off_goes_on(engine_name: str, tmp_path: Path) -> None:
    clock = a_clock()
    with a_runner(engine_name, tmp_path, clock) as runner:
        runner.fund(all_accounts(SEED, LANES))
        sent = 0

        def cut_off(raws: list[bytes]) -> list[object]:
            nonlocal sent
            sent += 1
            if sent > 3:
                raise KeyboardInterrupt
            return keep_sending(raws)

        keep_sending: Callable[[list[bytes]], list[object]] = runner.node.send_raw  # type: ignore[assignment]
        runner.node.send_raw = cut_off  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            deploy_demo(runner.node, runner.engine, SEED)
        del runner.node.send_raw
        check_deployment(runner.node, deploy_demo(runner.node, runner.engine, SEED))


def test_a_deployers_key_that_was_used_elsewhere_is_refused(engine_name: str, tmp_path: Path) -> None:
    with a_runner(engine_name, tmp_path, a_clock()) as runner:
        runner.fund(all_accounts(SEED, LANES))
        transact(runner.node, runner.engine, deployer(SEED), 13370, [Step("elsewhere", bytes(19) + b"\1", b"")])
        with pytest.raises(DeploymentFailed, match="used elsewhere: it has sent 1"):
            deploy_demo(runner.node, runner.engine, SEED)


def test_our_schemas_are_registered_with_eas(chain: Chain) -> None:
    assert set(chain.deployment.schemas) == {"lot", "certificate", "labReport", "custodyOffer", "custodyAcceptance"}
    for uid in chain.deployment.schemas.values():
        answer = chain.node.call(chain.deployment.address("schema"), schema_registry.encode_get_schema(uid))
        assert schema_registry.decode_get_schema_output(answer).resolver == chain.deployment.address("attestation")


def test_roles_are_held_from_the_start(chain: Chain) -> None:
    data = ledger_access.encode_has_role(2, operator(SEED).address)
    answer = chain.node.call(chain.deployment.address("access"), data)
    assert ledger_access.decode_has_role_output(answer) == (True, 0)


def test_the_file_is_read_back_equal(chain: Chain) -> None:
    assert Deployment.parse(chain.deployment.to_bytes()) == chain.deployment


@pytest.mark.parametrize("member", ["chain_id", "genesis_hash", "engine", "maker"])
def test_an_altered_file_is_refused(chain: Chain, member: str) -> None:
    row = {**chain.deployment._body(), "signature": f"0x{chain.deployment.signature.hex()}"}
    row[member] = str(row[member])[:-1] + ("1" if str(row[member])[-1] != "1" else "2")
    with pytest.raises(ConfigurationWrong, match=r"maker did not sign|cannot be read"):
        Deployment.parse(rfc8785.dumps(row))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"tidemark_deployment":2}', b"\xff"])
def test_a_file_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigurationWrong):
        Deployment.parse(content)


def test_the_right_chain_is_recognised(chain: Chain) -> None:
    check_deployment(chain.node, chain.deployment, last_final_block=chain.node.block_number())


def test_another_chain_is_refused_with_both_values(chain: Chain) -> None:
    with pytest.raises(WrongChain) as other_id:
        check_deployment(chain.node, replace(chain.deployment, chain_id=1))
    assert (other_id.value.expected, other_id.value.found) == ("1", "13370")
    with pytest.raises(WrongChain) as other_genesis:
        check_deployment(chain.node, replace(chain.deployment, genesis_hash=b"\1" * 32))
    assert other_genesis.value.expected == "0x" + "01" * 32


def test_missing_and_different_code_is_refused(chain: Chain) -> None:
    first, *others = chain.deployment.contracts
    missing = replace(chain.deployment, contracts=(replace(first, address=b"\7" * 20), *others))
    with pytest.raises(CodeWrong, match="found no code"):
        check_deployment(chain.node, missing)
    different = replace(chain.deployment, contracts=(replace(first, code_hash=b"\7" * 32), *others))
    with pytest.raises(CodeWrong, match="access at"):
        check_deployment(chain.node, different)


def test_a_chain_that_lost_final_blocks_is_refused(chain: Chain) -> None:
    head = chain.node.block_number()
    with pytest.raises(ChainShorter):
        check_deployment(chain.node, chain.deployment, last_final_block=head + 1000)


def test_a_reverted_step_says_why(chain: Chain) -> None:
    data = ledger_access.encode_grant_role(2, b"\1" * 20, 0)
    step = Step("grant", chain.deployment.address("access"), data)
    stranger = DemoSigner(SEED, "party/market")
    with pytest.raises(DeploymentFailed, match="AccessManagerUnauthorizedAccount"):
        transact(chain.node, chain.engine, stranger, 13370, [step])
