package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.plan.SelectorKind;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.TierSamples;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanReaderTest {
  private static final List<String> WORKERS = List.of("gpu1:50051");

  @TempDir Path folder;

  @Test
  void plansRoundTrip() throws IOException {
    TtftPlan everyArm =
        new TtftPlan(
            List.of(64, 128),
            3,
            WarmUp.untilStable(9),
            100,
            TtftPlan.Suffix.ofFraction(0.25),
            ArmSyntax.parseAll(
                "full_prefill,full_kv_reuse,cacheblend,cacheblend@0.3:key,"
                    + "cacheblend@1=0.2,2=0.17,3=0.15,chunk-head@0.15,chunk-head:k=16,"
                    + "query-attn@0.15:expand:layers=1-3,7,head-attn@0.2,deviation-x-attn@0.1:key,"
                    + "random@0.15:seed=9,"
                    + "cacheblend@auto",
                ArmDefaults.seed(0)),
            10,
            -7,
            WORKERS);

    assertThat(PlanReader.ttft(file(PlanJson.of(everyArm)), WORKERS)).isEqualTo(everyArm);
    assertThat(PlanReader.ttft(file(PlanJson.of(Samples.ttftPlan())), WORKERS))
        .isEqualTo(Samples.ttftPlan());
    for (OptionalLong limit : List.of(OptionalLong.empty(), OptionalLong.of(3_000_000_000L))) {
      TtftPlan fromDisk =
          new TtftPlan(
              everyArm.lengths(),
              everyArm.trials(),
              everyArm.warmUp(),
              everyArm.chunkTokens(),
              everyArm.suffix(),
              everyArm.arms(),
              Optional.of(
                  new ChunkSource(
                      Tier.DISK, limit, limit.isPresent() ? LoadPolicy.AUTO : LoadPolicy.LOAD)),
              everyArm.maxNewTokens(),
              everyArm.seed(),
              WORKERS);
      assertThat(PlanReader.ttft(file(PlanJson.of(fromDisk)), WORKERS)).isEqualTo(fromDisk);
    }
    assertThat(PlanReader.quality(file(PlanJson.of(Samples.qualityPlan())), WORKERS))
        .isEqualTo(Samples.qualityPlan());
    QualityPlan retrieving = Samples.qualityPlan(Optional.of(Retrieval.of(6)));
    assertThat(PlanReader.quality(file(PlanJson.of(retrieving)), WORKERS)).isEqualTo(retrieving);
  }

  @Test
  void sweepPlansRoundTrip() throws IOException {
    assertThat(PlanReader.sweep(file(PlanJson.of(Samples.sweepPlan())), WORKERS))
        .isEqualTo(Samples.sweepPlan());
    assertThat(PlanReader.sweep(file(PlanJson.of(TierSamples.plan())), WORKERS))
        .isEqualTo(TierSamples.plan());
  }

  @Test
  void tiersOfASweepAreChecked() throws IOException {
    for (String[] refused :
        new String[][] {
          {"{\"tier\":\"tape\"}", "tier is tape; use host or disk or store"},
          {"{\"tier\":null}", "tiers has an entry without tier; add it"},
          {"{\"throttle\":5}", "tiers[0] has no field 'tier'; add it"},
          {"{\"tier\":\"host\",\"throttle\":0}", "throttle is 0 bytes per second; use 1 or more"},
          {"{\"tier\":\"host\",\"rate\":5}", "tiers[0] has unknown field 'rate'"}
        }) {
      ObjectNode plan = PlanJson.of(TierSamples.plan());
      plan.putArray("tiers").addRawValue(new RawValue(refused[0]));
      Path file = file(plan);
      assertThatThrownBy(() -> PlanReader.sweep(file, WORKERS))
          .isInstanceOf(PlanException.class)
          .hasMessageContaining(refused[1]);
    }
  }

  @Test
  void namedPlansAreValid() {
    assertThat(NamedPlans.sweep("default", WORKERS).selectors())
        .extracting(Selector::kind)
        .containsExactly(SelectorKind.DEVIATION, SelectorKind.RANDOM);
    assertThat(NamedPlans.names()).contains("paper");
    for (String name : NamedPlans.names()) {
      assertThat(NamedPlans.sweep(name, WORKERS).workers()).isEqualTo(WORKERS);
      assertThat(NamedPlans.about(name)).isNotBlank();
    }
    SweepPlan paper = NamedPlans.sweep("paper", WORKERS);
    assertThat(paper.selectors())
        .containsExactly(ArmSyntax.parseSelector("value", ArmDefaults.seed(0)));
    assertThat(paper.ratios()).startsWith(0.05).endsWith(0.18);
    assertThat(paper.ttft(1).get(0).lengths()).containsExactly(1 + 6 * 512 + 32);
    assertThat(paper.arms().get(2))
        .isEqualTo(ArmSyntax.parse("cacheblend@0.05", ArmDefaults.seed(0)));
    assertThat(NamedPlans.sweep("lengths", WORKERS).ttft(1).get(0).suffix())
        .isEqualTo(TtftPlan.Suffix.ofFraction(0.25));
  }

  @Test
  void readsThePlanOfAResultFile() throws IOException {
    ObjectNode result = Json.object();
    result.put("benchmark", "ttft").set("plan", PlanJson.of(Samples.ttftPlan()));

    assertThat(PlanReader.ttft(file(result), List.of("other:1")).workers())
        .containsExactly("other:1");
  }

  @Test
  void errorsNameFieldAndValue() throws IOException {
    ObjectNode plan = PlanJson.of(Samples.ttftPlan());

    assertRefused(plan.deepCopy().without("trials"), "plan has no field 'trials'");
    assertRefused(plan.deepCopy().put("trails", 5), "unknown field 'trails'");
    assertRefused(plan.deepCopy().put("trials", 0), "trials is 0");
    assertRefused(plan.deepCopy().put("trials", "x"), "trials is \"x\"; use a whole number");
    ObjectNode arm = plan.deepCopy();
    ((ObjectNode) arm.at("/arms/2")).put("selector", "best");
    assertRefused(arm, "selector is 'best'");
    assertThatThrownBy(() -> PlanReader.ttft(folder.resolve("none.json"), WORKERS))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("does not exist");
  }

  private void assertRefused(ObjectNode plan, String reason) throws IOException {
    Path file = file(plan);
    assertThatThrownBy(() -> PlanReader.ttft(file, WORKERS))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  private Path file(ObjectNode json) throws IOException {
    return Files.writeString(folder.resolve("file.json"), Json.pretty(json));
  }
}
