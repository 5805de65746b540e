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

  private final boolean outputNorms;

  /**
   * @param outputNorms outputs have a norm before the addition to the residual, which Linear cannot
   *     do then
   */
  FusedLowering(OnnxGraph graph, GraphWeights weights, boolean outputNorms) {
    this.graph = graph;
    this.weights = weights;
    this.outputNorms = outputNorms;
  }

  @Override
  public String takeRows(String output, String table, String rows) {
    return graph.node(OnnxGraph.CACHEBLEND, "TakeRows", output, List.of(table, rows));
  }

  /** Linear takes the first rows of a residual by itself. */
  @Override
  public String firstRows(String output, String residual, String like) {
    if (!outputNorms) {
      return residual;
    }
    String count =
        graph.standard(
            "Shape",
            output + ".count",
            List.of(like),
            Attribute.of("start", 0),
            Attribute.of("end", 1));
    return graph.standard(
        "Slice",
        output,
        List.of(residual, graph.list("slice.start", 0), count, graph.list("slice.axis", 0)));
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
            ? ProjectionInput.of(weights.norm(name + ".normed", hidden.residual(), block))
            : new ProjectionInput(hidden.residual(), Optional.of(block));
    return new NormedRows(input, hidden.residual());
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
    String normed = weights.norm(name + ".normed", project(name, x, projection), outputNorm.get());
    return Hidden.of(graph.standard("Add", name + ".sum", List.of(residual, normed)));
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

  private String linear(
      String output, ProjectionInput x, Projection projection, String residual, Gate gate) {
    List<String> inputs =
        new ArrayList<>(
            List.of(
                x.value(),
                weights.weight(projection),
                weights.bias(projection).orElse(""),
                x.norm().map(weights::whole).orElse(""),
                residual));
    while (Iterables.getLast(inputs).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    return graph.node(
        OnnxGraph.CACHEBLEND,
        "Linear",
        output,
        inputs,
        Attribute.of("gated", gate.gated),
        Attribute.of("gelu", gate.gelu),
        weights.epsilon());
  }
}
