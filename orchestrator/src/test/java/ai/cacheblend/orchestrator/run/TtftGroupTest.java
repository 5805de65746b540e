package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TtftGroupTest {
  private static final int TRIALS = 6;

  private final ManualClock clock = new ManualClock();
  private final ScriptedWorkerClient client =
      new ScriptedWorkerClient("host:1", clock).ttft(call -> 1_000_000);
  private final Fleet fleet = Fleet.connect(List.of(client));
  private final List<Trial> device = new ArrayList<>();
  private final List<Trial> host = new ArrayList<>();
  private final List<Trial> all = new ArrayList<>();
  private final List<Double> started = new ArrayList<>();

  @Test
  void eachPromptRunsInAllPartsBeforeTheNext() {
    List<List<Trial>> results = run(EarlierBlocks.none());

    assertThat(started).hasSize(1);
    List<Trial> measured = all.stream().filter(Trial::measured).toList();
    assertThat(measured).hasSize(2 * 2 * TRIALS).allMatch(Trial::valid);
    Set<Boolean> deviceFirst = new HashSet<>();
    for (int i = 0; i < measured.size(); i += 2) {
      assertThat(measured.get(i).promptHash()).isEqualTo(measured.get(i + 1).promptHash());
      deviceFirst.add(device.contains(measured.get(i)));
    }
    assertThat(deviceFirst).as("the order changes").hasSize(2);
    assertThat(measured).extracting(Trial::trial).isSorted();
    assertThat(results.get(0)).containsExactlyInAnyOrderElementsOf(device);
    assertThat(results.get(1)).containsExactlyInAnyOrderElementsOf(host);
    assertThat(device).allMatch(trial -> trial.armRuns().size() == 3);
    assertThat(host).allMatch(trial -> trial.armRuns().size() == 2);
    assertThat(client.calls()).filteredOn(call -> call.startsWith("demote host")).isNotEmpty();
  }

  @Test
  void earlierTrialsOfAPartAreNotRunAgain() {
    List<List<Trial>> first = run(EarlierBlocks.none());
    List<Trial> kept =
        first.get(1).stream().filter(trial -> trial.measured() && trial.trial() < 4).toList();
    device.clear();
    host.clear();

    List<List<Trial>> second = run(new EarlierBlocks<>(1, kept));

    assertThat(host.stream().filter(Trial::measured)).hasSize(2 * (TRIALS - 4));
    assertThat(device.stream().filter(Trial::measured)).hasSize(2 * TRIALS);
    assertThat(second.get(1)).containsAll(kept);
    assertThat(second.get(1).stream().filter(Trial::measured))
        .extracting(Trial::promptHash)
        .containsExactlyElementsOf(
            first.get(1).stream().filter(Trial::measured).map(Trial::promptHash).toList());
  }

  private List<List<Trial>> run(EarlierBlocks<Trial> earlierOfHost) {
    return TtftGroup.run(
        fleet,
        List.of(
            part("full_prefill,full_kv_reuse,cacheblend", "", EarlierBlocks.none(), device),
            part("full_kv_reuse,cacheblend", "host@3GB/s", earlierOfHost, host)),
        new BlockListener<>() {
          @Override
          public void started(double weight) {
            started.add(weight);
          }
        });
  }

  private TtftGroup.Part part(
      String arms, String place, EarlierBlocks<Trial> earlier, List<Trial> received) {
    TtftPlan plan =
        new TtftPlan(
            List.of(50, 70),
            TRIALS,
            WarmUp.exactly(1),
            20,
            TtftPlan.Suffix.ofTokens(9),
            ArmSyntax.parseAll(arms, ArmDefaults.seed(0)),
            place.isEmpty() ? Optional.empty() : Optional.of(ChunkSource.ofId(place)),
            4,
            7,
            List.of("host:1"));
    return new TtftGroup.Part(
        new TtftBenchmark(plan, fleet, clock.runClock()),
        earlier,
        new BlockListener<>() {
          @Override
          public void finished(Trial trial, double weight) {
            received.add(trial);
            all.add(trial);
          }
        });
  }
}
