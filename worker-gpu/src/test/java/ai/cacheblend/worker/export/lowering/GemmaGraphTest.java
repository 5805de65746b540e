package ai.cacheblend.worker.export.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that the graphs of Gemma have beside those of Llama. */
final class GemmaGraphTest {

  @TempDir Path folder;

  private GraphProto graph(CheckpointFixture checkpoint, Dtype dtype) throws IOException {
    Path written = checkpoint.write(Files.createTempDirectory(folder, "checkpoint"));
    ModelManifest manifest =
        new Exporter(ExportProgress.NONE)
            .export(
                new ExportRequest(
                    written,
                    "tiny",
                    Files.createTempDirectory(folder, "model"),
                    dtype,
                    List.of(1),
                    OptionalLong.empty(),
                    Optional.empty(),
                    Set.of()));
    return GraphBuilder.build(manifest, List.of(1)).getGraph();
  }

  private static List<NodeProto> nodes(GraphProto graph, String op) {
    return graph.getNodeList().stream().filter(node -> node.getOpType().equals(op)).toList();
  }

  private static NodeProto node(GraphProto graph, String output) {
    return graph.getNodeList().stream()
        .filter(node -> node.getOutput(0).equals(output))
        .findFirst()
        .orElseThrow();
  }

  private static float number(NodeProto node, String attribute) {
    return node.getAttributeList().stream()
        .filter(candidate -> candidate.getName().equals(attribute))
        .map(AttributeProto::getF)
        .findFirst()
        .orElseThrow();
  }

  private static ByteBuffer constant(GraphProto graph, String name) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .map(tensor -> tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void capsScoresAndLogits() throws IOException {
    GraphProto graph = graph(CheckpointFixture.gemma2(), Dtype.FP32);
    assertThat(nodes(graph, "PartialAttention"))
        .hasSize(3)
        .allSatisfy(
            node -> {
              assertThat(number(node, "soft_cap")).isEqualTo(50);
              assertThat(number(node, "scale")).isEqualTo((float) (1 / Math.sqrt(10)));
            });
    assertThat(node(graph, "logit_shares").getOpType()).isEqualTo("Div");
    assertThat(node(graph, "logit_shares").getInputList())
        .containsExactly("uncapped_logits", "logit_soft_cap");
    assertThat(node(graph, "squashed_logits").getOpType()).isEqualTo("Tanh");
    assertThat(node(graph, "squashed_logits").getInputList()).containsExactly("logit_shares");
    assertThat(node(graph, "logits").getOpType()).isEqualTo("Mul");
    assertThat(node(graph, "logits").getInputList())
        .containsExactly("squashed_logits", "logit_soft_cap");
    assertThat(constant(graph, "logit_soft_cap").getFloat()).isEqualTo(30);
    assertThat(nodes(graph, "GreedyToken").get(0).getInputList())
        .containsExactly("logits", "step_tokens");
    GraphProto uncapped = graph(CheckpointFixture.llama(), Dtype.FP32);
    assertThat(number(nodes(uncapped, "PartialAttention").get(0), "soft_cap")).isZero();
    assertThat(nodes(uncapped, "Tanh")).isEmpty();
  }

  /** √12 is 3.4641; the nearest bfloat16 is 3.46875. */
  @Test
  void scalesEmbeddingsByANumberOfTheComputeType() throws IOException {
    GraphProto wide = graph(CheckpointFixture.gemma2(), Dtype.FP32);
    assertThat(constant(wide, "embedding_scale").getFloat()).isEqualTo((float) Math.sqrt(12));
    assertThat(node(wide, "scaled_embedded").getInputList())
        .containsExactly("embedded", "embedding_scale");
    GraphProto narrow = graph(CheckpointFixture.gemma2(), Dtype.BF16);
    assertThat(Float.intBitsToFloat(constant(narrow, "embedding_scale").getShort() << 16))
        .isEqualTo(3.46875f);
  }

  @Test
  void normsOutputsBeforeTheResidual() throws IOException {
    GraphProto wide = graph(CheckpointFixture.gemma3(), Dtype.FP32);
    assertThat(node(wide, "layers.0.attention_output.normed").getInputList())
        .containsExactly("layers.0.attention_output", "layers.0.attention_output_norm.weight.sum");
    assertThat(node(wide, "layers.0.mlp.normed").getInputList())
        .containsExactly("layers.0.mlp", "layers.0.mlp_output_norm.weight.sum");
    assertThat(nodes(wide, "FastGelu")).hasSize(3);
    GraphProto narrow = graph(CheckpointFixture.gemma3(), Dtype.BF16);
    assertThat(node(narrow, "layers.0.attention_output.sum").getInputList())
        .containsExactly(
            "layers.0.attention_output",
            "layers.0.attention_output_norm.weight",
            "scaled_embedded");
    assertThat(nodes(narrow, "Linear"))
        .filteredOn(node -> node.getOutput(0).equals("layers.0.inner"))
        .allSatisfy(
            node ->
                assertThat(node.getAttributeList())
                    .filteredOn(attribute -> attribute.getName().equals("gelu"))
                    .allMatch(attribute -> attribute.getI() == 1)
                    .hasSize(1))
        .hasSize(1);
  }

  /** Rounding 1 + weight to 16 bits would lose most bits of the weight. */
  @Test
  void sixteenBitGraphsStoreNormWeightsAsTheyAreAndAddOneInEachNorm() throws IOException {
    GraphProto graph = graph(CheckpointFixture.gemma3(), Dtype.BF16);
    List<NodeProto> norms = nodes(graph, "RmsNorm");
    // In each layer before q, k and v, of queries, of keys, and behind both sublayers.
    assertThat(norms).hasSize(3 * 5);
    assertThat(norms).allSatisfy(norm -> assertThat(number(norm, "norm_offset")).isEqualTo(1));
    List<NodeProto> withNorm =
        nodes(graph, "Linear").stream().filter(node -> node.getInputCount() > 3).toList();
    assertThat(withNorm)
        .extracting(node -> node.getInput(3))
        .containsExactly(
            "layers.0.mlp_norm.weight",
            "layers.1.mlp_norm.weight",
            "layers.2.mlp_norm.weight",
            "norm.weight");
    assertThat(withNorm).allSatisfy(node -> assertThat(number(node, "norm_offset")).isEqualTo(1));
    assertThat(nodes(graph, "Add")).isEmpty();
    GraphProto plain = graph(CheckpointFixture.qwen3(), Dtype.BF16);
    assertThat(nodes(plain, "RmsNorm"))
        .isNotEmpty()
        .allSatisfy(norm -> assertThat(number(norm, "norm_offset")).isZero());
  }

  @Test
  void wideGraphsAddOneToEachNormWeight() throws IOException {
    GraphProto graph = graph(CheckpointFixture.gemma3(), Dtype.FP32);
    assertThat(constant(graph, "norm_offset").getFloat()).isEqualTo(1);
    List<String> sums =
        nodes(graph, "Add").stream()
            .peek(add -> assertThat(add.getInput(1)).isEqualTo("norm_offset"))
            .map(add -> add.getOutput(0))
            .toList();
    assertThat(graph.getNodeList())
        .filteredOn(node -> node.getOpType().endsWith("SimplifiedLayerNormalization"))
        .hasSize(3 * 6 + 1)
        .allSatisfy(norm -> assertThat(norm.getInputList()).containsAnyElementsOf(sums));
    assertThat(nodes(graph(CheckpointFixture.llama(), Dtype.FP32), "Add")).isEmpty();
  }

  @Test
  void layersWithAWindowHaveTablesOfTheirOwn() throws IOException {
    CheckpointFixture checkpoint = CheckpointFixture.gemma3();
    checkpoint.config.put("sliding_window_pattern", 2);
    GraphProto graph = graph(checkpoint, Dtype.FP32);
    assertThat(nodes(graph, "KvInject"))
        .extracting(node -> node.getInput(6) + " " + node.getInput(7))
        .containsExactly(
            "window_rope.cos window_rope.sin",
            "rope.cos rope.sin",
            "window_rope.cos window_rope.sin");
  }
}
