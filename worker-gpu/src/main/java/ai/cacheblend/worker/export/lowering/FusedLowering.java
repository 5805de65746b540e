package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.lowering.OnnxGraph.Attribute;
import ai.cacheblend.worker.export.weights.BlockNames;
import ai.cacheblend.worker.model.GraphContract;
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

  /** Linear takes the first rows of a residual. */
  @Override
  public String firstRows(String output, String residual, String like) {
    return residual;
  }

  @Override
  public String project(String output, ProjectionInput x, Projection projection) {
    return linear(output, x, projection, "", false);
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
      String name, ProjectionInput x, Projection projection, String residual) {
    return Hidden.of(linear(name, x, projection, residual, false));
  }

  @Override
  public String gatedUnit(String prefix, ProjectionInput x, String gateUpBlock, boolean hasBias) {
    return linear(prefix + "inner", x, Projection.whole(gateUpBlock, hasBias), "", true);
  }

  @Override
  public void outputLayer(Hidden hidden, String outputBlock) {
    ProjectionInput x = new ProjectionInput(hidden.residual(), Optional.of(BlockNames.FINAL_NORM));
    String logits = project("narrow_logits", x, Projection.whole(outputBlock, false));
    graph.standard(
        "Cast",
        GraphContract.LOGITS,
        List.of(logits),
        Attribute.of("to", TensorProto.DataType.FLOAT_VALUE));
    graph.node(OnnxGraph.CACHEBLEND, "GreedyToken", GraphContract.NEXT_TOKEN_IDS, List.of(logits));
  }

  private String linear(
      String output, ProjectionInput x, Projection projection, String residual, boolean gated) {
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
        Attribute.of("gated", gated ? 1 : 0),
        weights.epsilon());
  }
}
