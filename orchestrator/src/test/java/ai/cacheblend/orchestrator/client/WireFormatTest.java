package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.plan.RowLayers;
import ai.cacheblend.orchestrator.plan.SelectorKind;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.DeviationSelector.Tensor;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.LoadPolicy;
import ai.cacheblend.proto.v1.ModelDescription;
import ai.cacheblend.proto.v1.TierStatistics;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class WireFormatTest {
  private static final ArmDefaults DEFAULTS = ArmDefaults.seed(3);

  @Test
  void armsWithoutABudget() {
    assertThat(arm("full_prefill").getArmCase()).isEqualTo(Arm.ArmCase.FULL_PREFILL);
    assertThat(arm("prefix_caching").getArmCase()).isEqualTo(Arm.ArmCase.PREFIX_CACHING);
    assertThat(arm("full_kv_reuse").getArmCase()).isEqualTo(Arm.ArmCase.FULL_KV_REUSE);
  }

  @Test
  void deviation() {
    CacheBlend blend = arm("cacheblend@1=0.2,3=0.125:key").getCacheblend();

    assertThat(blend.getDeviation().getTensor()).isEqualTo(Tensor.TENSOR_KEY);
    assertThat(blend.getDeviation().getScheduleList())
        .extracting(step -> step.getLayer() + "=" + step.getShare())
        .containsExactly("1=0.2", "3=0.125");
    assertThat(arm("cacheblend").getCacheblend().getDeviation().getTensor())
        .isEqualTo(Tensor.TENSOR_VALUE);
  }

  @Test
  void chunkHead() {
    assertThat(arm("chunk-head@0.3").getCacheblend().getChunkHead().getRecomputeRatio())
        .isEqualTo(0.3);
    assertThat(arm("chunk-head:k=16").getCacheblend().getChunkHead().getRowsPerChunk())
        .isEqualTo(16);
  }

  @Test
  void selectorsByAttention() {
    CacheBlend query = arm("query-attn@0.3:expand:layers=1-2,4").getCacheblend();
    assertThat(query.getQueryAttention().getRecomputeRatio()).isEqualTo(0.3);
    assertThat(query.getQueryAttention().getExpand()).isTrue();
    assertThat(query.getQueryAttention().getAttentionLayersList()).containsExactly(1, 2, 4);
    CacheBlend head = arm("head-attn@0.3:layers=2").getCacheblend();
    assertThat(head.getHeadAttention().getRecomputeRatio()).isEqualTo(0.3);
    assertThat(head.getHeadAttention().getAttentionLayersList()).containsExactly(2);
    CacheBlend product = arm("deviation-x-attn@0.3:key:layers=0").getCacheblend();
    assertThat(product.getDeviationAttention().getDeviation())
        .isEqualTo(arm("cacheblend@0.3:key").getCacheblend().getDeviation());
    assertThat(product.getDeviationAttention().getAttentionLayersList()).containsExactly(0);
  }

  @Test
  void loadPolicyAndLeastRatioAreSent() {
    GenerateCall call =
        GenerateCall.greedy(
            List.of(new PromptSegment(ImmutableIntArray.of(1), false)),
            ArmSyntax.parse("cacheblend@auto:min=0.2", DEFAULTS).arm(),
            1,
            List.of(),
            true);

    assertThat(WireFormat.generate(call).getArm().getCacheblend().getRaiseRatio()).isTrue();
    assertThat(arm("cacheblend@0.2").getCacheblend().getRaiseRatio()).isFalse();
    assertThat(WireFormat.generate(call.loadingAll()).getLoadPolicy())
        .isEqualTo(LoadPolicy.LOAD_POLICY_LOAD);
    GenerateRequest auto =
        WireFormat.generate(
            call.withLoad(OptionalLong.of(7), ai.cacheblend.orchestrator.plan.LoadPolicy.AUTO));
    assertThat(auto.getLoadPolicy()).isEqualTo(LoadPolicy.LOAD_POLICY_AUTO);
    assertThat(auto.getLoadBytesPerSecond()).isEqualTo(7);
  }

  @Test
  void loadReport() {
    LoadReport report =
        WireFormat.load(
            ai.cacheblend.proto.v1.LoadReport.newBuilder()
                .addRecomputedSegments(2)
                .setRecomputeRatio(.3)
                .setPredictedTtftNanos(50)
                .setPredictedLoadNanos(0)
                .setLoadNanos(40)
                .build());

    assertThat(report)
        .isEqualTo(
            new LoadReport(
                List.of(2), OptionalDouble.of(.3), OptionalLong.of(50), OptionalLong.of(0), 40));
    assertThat(report.hiddenShare(10)).hasValue(.75);
    assertThat(report.hiddenShare(50)).hasValue(0);
    assertThat(WireFormat.load(ai.cacheblend.proto.v1.LoadReport.getDefaultInstance()))
        .isEqualTo(LoadReport.NONE);
    assertThat(LoadReport.NONE.hiddenShare(5)).isEmpty();
  }

  @Test
  void random() {
    assertThat(arm("random@0.3").getCacheblend().getRandom().getRecomputeRatio()).isEqualTo(0.3);
    assertThat(arm("random@0.3").getCacheblend().getRandom().getSeed()).isEqualTo(3);
    assertThat(arm("random@0.3:seed=7").getCacheblend().getRandom().getSeed()).isEqualTo(7);
  }

  @Test
  void everySelectorOfTheTableIsSent() {
    for (String name : SelectorKind.names()) {
      Arm wire =
          WireFormat.arm(
              new ai.cacheblend.orchestrator.plan.Arm.CacheBlend(
                  ArmSyntax.parseSelector(name, DEFAULTS)));

      assertThat(wire.getCacheblend().getAllFields()).as(name).hasSize(1);
    }
  }

  @Test
  void requestContainsAllFieldsOfTheCall() {
    GenerateRequest request =
        WireFormat.generate(
            new GenerateCall(
                List.of(
                    new PromptSegment(ImmutableIntArray.of(1), false),
                    new PromptSegment(ImmutableIntArray.of(5, 6), true)),
                ArmSyntax.parse("full_kv_reuse", DEFAULTS).arm(),
                12,
                new GenerateCall.Sampling(0.5, 0.75, 9),
                List.of("\n", "end"),
                true,
                new GenerateCall.Extras(true, 5, true, true)));
    assertThat(request.getLoadPolicy()).isEqualTo(LoadPolicy.LOAD_POLICY_UNSPECIFIED);

    assertThat(request.getSegmentsList())
        .extracting(
            segment -> WireFormat.tokenIds(segment.getTokenIds()) + " " + segment.getCached())
        .containsExactly("[1] false", "[5, 6] true");
    assertThat(request.getArm().hasFullKvReuse()).isTrue();
    assertThat(request.getMaxNewTokens()).isEqualTo(12);
    assertThat(request.getSampling().getTemperature()).isEqualTo(0.5);
    assertThat(request.getSampling().getTopP()).isEqualTo(0.75);
    assertThat(request.getSampling().getSeed()).isEqualTo(9);
    assertThat(request.getStop().getStopStringsList()).containsExactly("\n", "end");
    assertThat(request.getStop().getIgnoreEos()).isTrue();
    assertThat(request.getReturnOptions().getLogprobs()).isTrue();
    assertThat(request.getReturnOptions().getFirstTopLogitCount()).isEqualTo(5);
    assertThat(request.getReturnOptions().getActivePositions()).isTrue();
    assertThat(request.getReturnOptions().getLayerScores()).isTrue();
  }

  @Test
  void tokenIdsRoundTrip() {
    ImmutableIntArray ids = ImmutableIntArray.of(0, 1, 4095, 200_000, Integer.MAX_VALUE);

    assertThat(WireFormat.tokenIds(WireFormat.tokenIds(ids))).isEqualTo(ids);
  }

  @Test
  void rows() {
    assertThat(
            WireFormat.rows(
                ai.cacheblend.proto.v1.RowCounts.newBuilder()
                    .setPromptTokenCount(10)
                    .setReusedTokenCount(4)
                    .setRecomputedTokenCount(3)
                    .setComputedTokenCount(2)
                    .build()))
        .isEqualTo(new RowCounts(10, 4, 3, 2, new RowLayers(0, 0)));
  }

  @Test
  void modelWithoutBosHasNoBosId() {
    assertThat(
            DescriptionFormat.description(DescribeResponse.getDefaultInstance())
                .model()
                .bosTokenId())
        .isEmpty();
    assertThat(
            DescriptionFormat.description(
                    DescribeResponse.newBuilder()
                        .setModel(ModelDescription.newBuilder().setBosTokenId(0))
                        .build())
                .model()
                .bosTokenId())
        .hasValue(0);
  }

  @Test
  void tiersOfAWorkerAreThoseBelowTheDevice() {
    DescribeResponse.Builder response = DescribeResponse.newBuilder();
    for (ai.cacheblend.proto.v1.Tier tier :
        List.of(
            ai.cacheblend.proto.v1.Tier.TIER_DEVICE,
            ai.cacheblend.proto.v1.Tier.TIER_HOST,
            ai.cacheblend.proto.v1.Tier.TIER_STORE)) {
      response.addTiers(TierStatistics.newBuilder().setTier(tier));
    }

    assertThat(DescriptionFormat.description(response.build()).memory().tiers())
        .containsExactlyInAnyOrder(Tier.HOST, Tier.STORE);
  }

  private static Arm arm(String text) {
    return WireFormat.arm(ArmSyntax.parse(text, DEFAULTS).arm());
  }
}
