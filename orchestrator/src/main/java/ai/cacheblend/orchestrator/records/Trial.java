package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.DeviceState;
import java.util.List;
import java.util.Optional;

/**
 * A block of a TTFT run.
 *
 * @param length prompt tokens
 * @param trial from 0, within phase and length; for warm-ups also within worker and session
 */
public record Trial(
    Phase phase,
    int length,
    int trial,
    Origin origin,
    String promptHash,
    Optional<Collect> collect,
    List<ArmRun> armRuns,
    boolean workerLost,
    DeviceState device,
    BlockLoad load)
    implements Block {
  public Trial {
    armRuns = List.copyOf(armRuns);
  }

  public boolean measured() {
    return phase == Phase.MEASURED;
  }

  @Override
  public boolean valid() {
    return armRuns.stream().allMatch(ArmRun::valid);
  }
}
