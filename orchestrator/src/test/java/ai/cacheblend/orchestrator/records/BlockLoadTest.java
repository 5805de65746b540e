package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.testing.Samples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BlockLoadTest {
  private static final MachineLoad IDLE = Samples.machine(0.1);
  private static final MachineLoad BUSY = Samples.machine(0.9);

  @Test
  void runIsFlaggedIfMoreThanATenthOfItsBlocksAreBusy() {
    BlockLoad idle = new BlockLoad(IDLE, Optional.empty());
    BlockLoad busy = new BlockLoad(BUSY, Optional.empty());

    assertThat(BlockLoad.warnings(trials(idle, 9, busy, 0))).isEmpty();
    assertThat(BlockLoad.warnings(trials(idle, 9, busy, 1))).isEmpty();
    assertThat(BlockLoad.warnings(trials(idle, 9, busy, 2)))
        .containsExactly(
            "the machine was busy in 2 of 11 blocks: tasks waited for a processor"
                + " (load average up to 1.5 on 2 processors)");
  }

  @Test
  void machineOfTheWorkerIsFlaggedSeparately() {
    BlockLoad idle = new BlockLoad(IDLE, Optional.of(IDLE));
    BlockLoad busy = new BlockLoad(IDLE, Optional.of(BUSY));

    assertThat(busy.busy()).isTrue();
    assertThat(BlockLoad.warnings(trials(idle, 2, busy, 2)))
        .containsExactly(
            "the worker's machine was busy in 2 of 4 blocks: tasks waited for a processor"
                + " (load average up to 1.5 on 2 processors)");
    assertThat(
            BlockLoad.warnings(trials(idle, 0, new BlockLoad(BUSY, Optional.of(BUSY)), 2)).get(0))
        .startsWith("the orchestrator's machine was busy in 2 of 2 blocks");
  }

  private static List<Trial> trials(BlockLoad one, int count, BlockLoad other, int otherCount) {
    List<Trial> trials = new ArrayList<>(Collections.nCopies(count, trial(one)));
    trials.addAll(Collections.nCopies(otherCount, trial(other)));
    return trials;
  }

  private static Trial trial(BlockLoad load) {
    Trial model = Samples.trials().get(1);
    return new Trial(
        model.phase(),
        model.length(),
        model.trial(),
        model.origin(),
        model.promptHash(),
        model.collect(),
        model.armRuns(),
        model.workerLost(),
        model.device(),
        load);
  }
}
