package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.export.weights.BlockNames;
import ai.cacheblend.worker.model.DecoderTraits.Activation;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The native library's {@code Linear}, which takes the norm before a projection, its bias, the gate
 * and the addition to the residual stream into one kernel: for fp16 and bf16 on CUDA.
 */
final class FusedLowering implements Lowering {

  private final OnnxGraph graph;
  private final GraphWeights weights;

  FusedLowering(OnnxGraph graph, GraphWeights weights) {
    this.graph = graph;
    this.weights = weights;
  }

  @Override
  public String takeRows(String output, String table, String rows) {
    return graph.node(OnnxGraph.CACHEBLEND, "TakeRows", output, List.of(table, rows));
  }

  /** Linear and RmsNorm take the first rows of a residual by themselves. */
  @Override
  public String firstRows(String output, String residual, String like) {
    return residual;
  }

  @Override
  public String project(String output, ProjectionInput x, Projection projection) {
    return linear(output, x, projection, "", Gate.NONE);
  }

  /** Several projections read shared rows, so that one norm before them is cheaper. */
  @Override
  public NormedRows norm(String name, Hidden hidden, String block, boolean shared) {
    ProjectionInput input =
        shared
            ? ProjectionInput.of(rmsNorm(name + ".normed", hidden.residual(), block, ""))
            : new ProjectionInput(hidden.residual(), Optional.of(block));
    return new NormedRows(input, hidden.residual());
  }

  @Override
  public String headNorm(String name, String x, int heads, String block) {
    return rmsNorm(name + ".normed", x, block, "");
  }

  @Override
  public Hidden projectOntoResidual(
      String name,
      ProjectionInput x,
      Projection projection,
      Optional<String> outputNorm,
      String residual) {
    if (outputNorm.isEmpty()) {
      return Hidden.of(linear(name, x, projection, residual, Gate.NONE));
    }
    return Hidden.of(
        rmsNorm(name + ".sum", project(name, x, projection), outputNorm.get(), residual));
  }

  @Override
  public String gatedUnit(
      String prefix,
      ProjectionInput x,
      String gateUpBlock,
      boolean hasBias,
      Activation activation) {
    Gate gate = activation == Activation.SILU ? Gate.SILU : Gate.GELU_TANH;
    return linear(prefix + "inner", x, Projection.whole(gateUpBlock, hasBias), "", gate);
  }

  @Override
  public String logits(String output, Hidden hidden, String outputBlock) {
    ProjectionInput x = new ProjectionInput(hidden.residual(), Optional.of(BlockNames.FINAL_NORM));
    String narrow = project("narrow_logits", x, Projection.whole(outputBlock, false));
    return graph.standard(
        "Cast", output, List.of(narrow), Attribute.of("to", TensorProto.DataType.FLOAT_VALUE));
  }

  /** Values of the op's attributes {@code gated} and {@code gelu}. */
  private enum Gate {
    NONE(0, 0),
    SILU(1, 0),
    GELU_TANH(1, 1);

    final int gated;
    final int gelu;

    Gate(int gated, int gelu) {
      this.gated = gated;
      this.gelu = gelu;
    }
  }

  /** RMS norm of each row or head, plus a residual if its name is not empty. */
  private String rmsNorm(String output, String x, String block, String residual) {
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "RmsNorm",
        output,
        withoutTrailingBlanks(List.of(x, weights.whole(block), residual)),
        weights.epsilon(),
        normOffset());
  }

  private Attribute normOffset() {
    return Attribute.of("norm_offset", weights.normOffset());
  }

  private static List<String> withoutTrailingBlanks(List<String> inputs) {
    List<String> given = new ArrayList<>(inputs);
    while (Iterables.getLast(given).isEmpty()) {
      given.remove(given.size() - 1);
    }
    return given;
  }

  private String linear(
      String output, ProjectionInput x, Projection projection, String residual, Gate gate) {
    List<String> inputs =
        withoutTrailingBlanks(
            List.of(
                x.value(),
                weights.weight(projection),
                weights.bias(projection).orElse(""),
                x.norm().map(weights::whole).orElse(""),
                residual));
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "Linear",
        output,
        inputs,
        Attribute.of("gated", gate.gated),
        Attribute.of("gelu", gate.gelu),
        weights.epsilon(),
        normOffset());
  }
}
