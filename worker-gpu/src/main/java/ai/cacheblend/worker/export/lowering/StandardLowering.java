package ai.cacheblend.worker.export.lowering;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.export.weights.BlockNames;
import ai.cacheblend.worker.model.DecoderTraits.Activation;
import ai.cacheblend.worker.model.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Operators of ONNX and of ONNX Runtime's {@code com.microsoft}, which both execution providers
 * have: for fp32. The addition to the residual stream is part of the norm that follows it.
 */
final class StandardLowering implements Lowering {

  private final OnnxGraph graph;
  private final GraphWeights weights;

  StandardLowering(OnnxGraph graph, GraphWeights weights) {
    this.graph = graph;
    this.weights = weights;
  }

  @Override
  public String takeRows(String output, String table, String rows) {
    return graph.standard("Gather", output, List.of(table, rows));
  }

  @Override
  public String firstRows(String output, String residual, String like) {
    return graph.node(OnnxGraph.CACHEBLEND, "FirstRows", output, List.of(residual, like));
  }

  @Override
  public String project(String output, ProjectionInput x, Projection projection) {
    checkState(x.norm().isEmpty(), "Gemm has no norm before it");
    List<String> inputs = new ArrayList<>(List.of(x.value(), weights.weight(projection)));
    weights.bias(projection).ifPresent(inputs::add);
    return graph.standard("Gemm", output, inputs, Attribute.of("transB", 1));
  }

  @Override
  public NormedRows norm(String name, Hidden hidden, String block, boolean shared) {
    String normed = name + ".normed";
    if (hidden.pending().isEmpty()) {
      return new NormedRows(
          ProjectionInput.of(normOf(normed, hidden.residual(), block)), hidden.residual());
    }
    String sum = name + ".sum";
    normOfSum(List.of(normed, "", "", sum), hidden, block);
    return new NormedRows(ProjectionInput.of(normed), sum);
  }

  @Override
  public String headNorm(String name, String x, int heads, String block) {
    int headSize = weights.rowCount(block);
    // A 0 in the shape keeps the number of rows.
    String split = graph.list("shape.heads." + heads, 0, heads, headSize);
    String joined = graph.list("shape.rows." + heads, 0, (long) heads * headSize);
    String perHead = graph.standard("Reshape", name + ".heads", List.of(x, split));
    String normedHeads = normOf(name + ".normed_heads", perHead, block);
    return graph.standard("Reshape", name + ".normed", List.of(normedHeads, joined));
  }

  @Override
  public Hidden projectOntoResidual(
      String name,
      ProjectionInput x,
      Projection projection,
      Optional<String> outputNorm,
      String residual) {
    String output = project(name, x, projection);
    return new Hidden(
        residual,
        Optional.of(outputNorm.map(norm -> normOf(name + ".normed", output, norm)).orElse(output)));
  }

  @Override
  public String gatedUnit(
      String prefix,
      ProjectionInput x,
      String gateUpBlock,
      boolean hasBias,
      Activation activation) {
    int inner = weights.rowCount(gateUpBlock) / 2;
    String gate =
        project(prefix + "gate", x, Projection.slice(gateUpBlock, "gate", 0, inner, hasBias));
    String up =
        project(prefix + "up", x, Projection.slice(gateUpBlock, "up", inner, inner, hasBias));
    return graph.standard(
        "Mul", prefix + "inner", List.of(activated(activation, prefix, gate), up));
  }

  private String activated(Activation activation, String prefix, String gate) {
    return switch (activation) {
      // With alpha 1 QuickGelu is SiLU.
      case SILU ->
          graph.node(
              OnnxGraph.MICROSOFT,
              "QuickGelu",
              prefix + "gate.silu",
              List.of(gate),
              Attribute.of("alpha", 1f));
      // FastGelu is the approximation by tanh.
      case GELU_TANH ->
          graph.node(OnnxGraph.MICROSOFT, "FastGelu", prefix + "gate.gelu", List.of(gate));
    };
  }

  @Override
  public String logits(String output, Hidden hidden, String outputBlock) {
    normOfSum(List.of("final.normed"), hidden, BlockNames.FINAL_NORM);
    return project(
        output, ProjectionInput.of("final.normed"), Projection.whole(outputBlock, false));
  }

  /** RMS norm over the last dimension. */
  private String normOf(String output, String x, String block) {
    return graph.standard(
        "SimplifiedLayerNormalization",
        output,
        List.of(x, normWeight(block)),
        Attribute.of("axis", -1),
        weights.epsilon(),
        Attribute.of("stash_type", 1));
  }

  /** ONNX Runtime computes the sum once, when the session starts. */
  private String normWeight(String block) {
    String stored = weights.whole(block);
    float offset = weights.normOffset();
    return offset == 0
        ? stored
        : graph.standard(
            "Add",
            block + ".sum",
            List.of(stored, graph.number("norm_offset", Dtype.FP32, offset)));
  }

  private void normOfSum(List<String> outputs, Hidden hidden, String block) {
    graph.node(
        OnnxGraph.MICROSOFT,
        "SkipSimplifiedLayerNormalization",
        outputs,
        List.of(hidden.pending().orElseThrow(), hidden.residual(), normWeight(block)),
        weights.epsilon());
  }
}
