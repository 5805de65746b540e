package ai.cacheblend.orchestrator.records;

import static java.util.Comparator.comparingDouble;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Load of the machines that took part in a block.
 *
 * @param orchestrator the machine of this program
 * @param worker the worker's machine; empty if it is the same one, or if it is not reported
 */
public record BlockLoad(MachineLoad orchestrator, Optional<MachineLoad> worker) {
  public static final BlockLoad UNKNOWN = new BlockLoad(MachineLoad.UNKNOWN, Optional.empty());

  /** Share of busy blocks that a run may have without a warning. */
  private static final double BUSY_BLOCKS = 0.1;

  public BlockLoad {
    requireNonNull(orchestrator, "orchestrator is null");
    requireNonNull(worker, "worker is null");
  }

  public boolean busy() {
    return orchestrator.busy() || worker.map(MachineLoad::busy).orElse(false);
  }

  /** One line for each kind of machine that was busy in more than a tenth of {@code blocks}. */
  public static List<String> warnings(List<? extends Block> blocks) {
    List<String> warnings = new ArrayList<>();
    String here =
        blocks.stream().anyMatch(block -> block.load().worker().isPresent())
            ? "the orchestrator's machine"
            : "the machine";
    warning(here, blocks, block -> Optional.of(block.load().orchestrator)).ifPresent(warnings::add);
    warning("the worker's machine", blocks, block -> block.load().worker).ifPresent(warnings::add);
    return warnings;
  }

  private static Optional<String> warning(
      String name,
      List<? extends Block> blocks,
      Function<? super Block, Optional<MachineLoad>> machine) {
    List<MachineLoad> busy =
        blocks.stream().flatMap(b -> machine.apply(b).stream()).filter(MachineLoad::busy).toList();
    if (busy.size() <= BUSY_BLOCKS * blocks.size()) {
      return Optional.empty();
    }
    MachineLoad worst = Collections.max(busy, comparingDouble(load -> load.load1().orElse(0)));
    String load =
        worst.load1().isPresent()
            ? String.format(
                Locale.ROOT,
                " (load average up to %.1f on %d processors)",
                worst.load1().getAsDouble(),
                worst.processors())
            : "";
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s was busy in %d of %d blocks: %s%s",
            name,
            busy.size(),
            blocks.size(),
            worst.busyReason().orElseThrow(),
            load));
  }

  void write(ObjectNode row) {
    row.set("machine", orchestrator.json());
    row.putNull("worker_machine");
    worker.ifPresent(load -> row.set("worker_machine", load.json()));
  }

  /** Records of earlier versions do not have these fields. */
  static BlockLoad read(JsonValue row) {
    return new BlockLoad(
        row.find("machine").map(MachineLoad::read).orElse(MachineLoad.UNKNOWN),
        row.find("worker_machine").map(MachineLoad::read));
  }
}
