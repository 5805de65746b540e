package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.DeviceState;
import java.util.List;
import java.util.Optional;

/** One prompt, run with every arm of the plan. */
public sealed interface Block permits Trial, Sample {
  Origin origin();

  /** Equal for prompts with equal token ids in equal segments. */
  String promptHash();

  /** Empty if the block ended before its chunks were collected, or if no arm reads chunks. */
  Optional<Collect> collect();

  /** In the order in which the arms ran. */
  List<ArmRun> armRuns();

  /** Whether the block ended because its worker became unreachable. */
  boolean workerLost();

  /** State of the worker's device after the block. */
  DeviceState device();

  /** Load of the machines during the block. */
  BlockLoad load();

  /** Whether every arm did what it is defined to do. Statistics use valid blocks only. */
  boolean valid();

  /** Whether the worker's device reported reduced clocks after the block. */
  default boolean throttled() {
    return !device().throttledBy().isEmpty();
  }

  default String worker() {
    return origin().worker();
  }

  /** The run of one arm. A valid block has one for each arm of the plan. */
  default ArmRun armRun(String arm) {
    return armRuns().stream().filter(run -> run.arm().equals(arm)).findFirst().orElseThrow();
  }
}
