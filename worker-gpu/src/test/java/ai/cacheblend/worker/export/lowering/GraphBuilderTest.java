package ai.cacheblend.worker.export.lowering;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GraphBuilderTest {

  @TempDir Path folder;

  private ModelManifest export(CheckpointFixture fixture, Dtype dtype) throws IOException {
    fixture.write(folder.resolve("checkpoint"));
    return new Exporter(ExportProgress.NONE)
        .export(
            new ExportRequest(
                folder.resolve("checkpoint"),
                "tiny",
                Files.createTempDirectory(folder, "model"),
                dtype,
                List.of(1),
                OptionalLong.empty(),
                Optional.empty(),
                Set.of()));
  }

  private GraphProto graph(CheckpointFixture fixture, Integer... checkLayers) throws IOException {
    return GraphBuilder.build(export(fixture, Dtype.FP32), List.of(checkLayers)).getGraph();
  }

  private static List<NodeProto> nodes(GraphProto graph, String op) {
    return graph.getNodeList().stream().filter(node -> node.getOpType().equals(op)).toList();
  }

  private static List<String> inputs(GraphProto graph, String output) {
    return graph.getNodeList().stream()
        .filter(node -> node.getOutputList().contains(output))
        .findFirst()
        .orElseThrow()
        .getInputList();
  }

  private static Map<String, Long> integers(NodeProto node) {
    return node.getAttributeList().stream()
        .filter(attribute -> attribute.getType() == AttributeProto.AttributeType.INT)
        .collect(toMap(AttributeProto::getName, AttributeProto::getI));
  }

  private static TensorProto initializer(GraphProto graph, String name) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> external(TensorProto tensor) {
    return tensor.getExternalDataList().stream()
        .collect(toMap(StringStringEntryProto::getKey, StringStringEntryProto::getValue));
  }

  @Test
  void inputsAndOutputsAreThoseOfTheContract() throws IOException {
    GraphProto graph = graph(CheckpointFixture.mistral(), 1, 2);
    assertThat(graph.getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly(
            "token_ids",
            "positions",
            "row_offsets",
            "step_positions",
            "step_row_offsets",
            "sequences",
            "keep_counts",
            "compare_keys",
            "weigh_by_attention",
            "choices",
            "probe_layers",
            "query_counts",
            "step_tokens");
    assertThat(graph.getOutputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly(
            "logits",
            "next_token_ids",
            "attention",
            "first_row_count",
            "active_positions",
            "active_row_offsets",
            "scored_positions_1",
            "scores_1",
            "scored_positions_2",
            "scores_2");
    assertThat(graph.getInput(6).getType().getTensorType().getShape().getDim(0).getDimValue())
        .isEqualTo(2);
  }

  @Test
  void nodesAreInTopologicalOrder() throws IOException {
    for (CheckpointFixture fixture : CheckpointFixture.all()) {
      for (List<Integer> layers : List.of(List.of(1), List.of(2), List.of(1, 2))) {
        GraphProto graph = GraphBuilder.build(export(fixture, Dtype.BF16), layers).getGraph();
        Set<String> known = new HashSet<>(Set.of(""));
        graph.getInputList().forEach(input -> known.add(input.getName()));
        graph
            .getInitializerList()
            .forEach(tensor -> assertThat(known.add(tensor.getName())).isTrue());
        for (NodeProto node : graph.getNodeList()) {
          assertThat(known).as(node.getName()).containsAll(node.getInputList());
          node.getOutputList().stream()
              .filter(output -> !output.isEmpty())
              .forEach(output -> assertThat(known.add(output)).as(output).isTrue());
        }
        graph.getOutputList().forEach(output -> assertThat(known).contains(output.getName()));
      }
    }
  }

  @Test
  void importsTheThreeDomains() throws IOException {
    ModelProto model =
        GraphBuilder.build(export(CheckpointFixture.mistral(), Dtype.FP32), List.of(1));
    assertThat(model.getOpsetImportList())
        .extracting(opset -> opset.getDomain() + ":" + opset.getVersion())
        .containsExactly(":17", "com.microsoft:1", "ai.cacheblend:1");
  }

  /** Layer 0 of three takes q, k and v from one product; a check layer takes q apart. */
  @Test
  void projectionsAreSlicesOfTheSameBytes() throws IOException {
    GraphProto graph = graph(CheckpointFixture.mistral(), 1);
    // Head size 6: 24 query and twice 12 KV columns, from 12 hidden ones.
    TensorProto fused = initializer(graph, "layers.0.qkv.weight");
    assertThat(fused.getDimsList()).containsExactly(48L, 12L);
    TensorProto q = initializer(graph, "layers.1.qkv.weight.q");
    TensorProto kv = initializer(graph, "layers.1.qkv.weight.kv");
    assertThat(q.getDimsList()).containsExactly(24L, 12L);
    assertThat(kv.getDimsList()).containsExactly(24L, 12L);
    long start = Long.parseLong(external(q).get("offset"));
    assertThat(start % 4096).isZero();
    assertThat(external(q))
        .containsEntry("length", "1152")
        .containsEntry("location", "weights.bin");
    assertThat(external(kv))
        .containsEntry("offset", Long.toString(start + 1152))
        .containsEntry("length", "1152");
  }

  @Test
  void opsCarryLayerHeadsAndColumns() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.mistral();
    fixture.config.put("sliding_window", 9);
    GraphProto graph = graph(fixture, 1);
    List<NodeProto> inject = nodes(graph, "KvInject");
    assertThat(inject).hasSize(3);
    assertThat(integers(inject.get(0)))
        .isEqualTo(
            Map.of(
                "layer",
                0L,
                "num_heads",
                4L,
                "num_kv_heads",
                2L,
                "head_size",
                6L,
                "q_offset",
                0L,
                "k_offset",
                24L,
                "v_offset",
                36L));
    assertThat(integers(inject.get(1)))
        .isEqualTo(
            Map.of(
                "layer",
                1L,
                "num_heads",
                4L,
                "num_kv_heads",
                2L,
                "head_size",
                6L,
                "q_offset",
                0L,
                "k_offset",
                0L,
                "v_offset",
                12L));
    // The step begins here.
    NodeProto choose = nodes(graph, "ChooseRows").get(0);
    assertThat(choose).isEqualTo(graph.getNode(0));
    assertThat(choose.getInputList())
        .containsExactly(
            "token_ids",
            "positions",
            "row_offsets",
            "sequences",
            "choices",
            "probe_layers",
            "step_positions",
            "step_row_offsets",
            "step_tokens");
    assertThat(inject.get(0).getInputList()).hasSize(8);
    assertThat(inject.get(1).getInputList()).hasSize(9);
    assertThat(inject.get(1).getInput(8)).isEqualTo("layers.1.kept_rows");
    NodeProto select = nodes(graph, "SelectRows").get(0);
    assertThat(integers(select))
        .isEqualTo(
            Map.of(
                "layer",
                1L,
                "check",
                0L,
                "num_kv_heads",
                2L,
                "head_size",
                6L,
                "k_offset",
                0L,
                "v_offset",
                12L));
    assertThat(select.getInput(5)).isEqualTo("keep_counts");
    assertThat(select.getOutput(3)).isEqualTo("scores_1");
    assertThat(nodes(graph, "PartialAttention"))
        .hasSize(3)
        .allSatisfy(node -> assertThat(integers(node)).containsEntry("window", 9L));
  }

  @Test
  void windowsAreSetPerLayer() throws IOException {
    CheckpointFixture fixture = CheckpointFixture.qwen2();
    fixture
        .config
        .put("use_sliding_window", true)
        .put("sliding_window", 7)
        .put("max_window_layers", 2);
    assertThat(nodes(graph(fixture, 1), "PartialAttention"))
        .extracting(node -> integers(node).get("window"))
        .containsExactly(0L, 0L, 7L);
  }

  @Test
  void tiedEmbeddingsShareOneInitializer() throws IOException {
    GraphProto tied = graph(CheckpointFixture.llamaWithBiases(), 1);
    NodeProto output =
        nodes(tied, "Gemm").stream()
            .filter(node -> node.getOutput(0).equals("logits"))
            .findFirst()
            .orElseThrow();
    assertThat(output.getInputList()).containsExactly("final.normed", "embed.weight");
    assertThat(integers(output)).containsEntry("transB", 1L);
    assertThat(nodes(tied, "Gather").get(0).getInputList())
        .containsExactly("embed.weight", "chosen_token_ids");
  }

  @Test
  void onlyLastRowsHaveQueriesInTheLastLayer() throws IOException {
    GraphProto graph = graph(CheckpointFixture.mistral(), 1);
    assertThat(nodes(graph, "KvInject").get(2).getInput(8)).isEqualTo("query_rows");
    assertThat(nodes(graph, "PartialAttention").get(2).getInputList())
        .containsExactly(
            "layers.2.q_rotated",
            "query_positions",
            "query_row_offsets",
            "sequences",
            "probe_layers",
            "query_counts");
    assertThat(nodes(graph, "PartialAttention").get(1).getInputList()).hasSize(5);
    assertThat(nodes(graph, "LastRows").get(0).getInputList())
        .containsExactly(
            "layers.1.kept_positions", "layers.1.kept_row_offsets", "sequences", "query_counts");
    GraphProto both = graph(CheckpointFixture.mistral(), 2);
    assertThat(nodes(both, "KvInject").get(2).getInput(8)).isEqualTo("query_kept_rows");
  }

  /** The attention has no rows of probes that end in its layer. */
  @Test
  void residualsHaveTheRowsOfTheAttention() throws IOException {
    GraphProto graph = graph(CheckpointFixture.mistral(), 1);
    assertThat(nodes(graph, "FirstRows"))
        .extracting(NodeProto::getInputList)
        .map(List::copyOf)
        .containsExactly(
            List.of("embedded", "layers.0.attention"),
            List.of("layers.1.kept_residual", "layers.1.attention"));
  }

  @Test
  void sixteenBitGraphsFuseNormsGatesAndResiduals() throws IOException {
    for (Dtype dtype : List.of(Dtype.FP16, Dtype.BF16)) {
      GraphProto graph =
          GraphBuilder.build(export(CheckpointFixture.mistral(), dtype), List.of(1)).getGraph();
      assertThat(nodes(graph, "Cast"))
          .hasSize(1)
          .allSatisfy(cast -> assertThat(cast.getOutputList()).containsExactly("logits"));
      assertThat(initializer(graph, "rope.cos").getDataType())
          .isEqualTo(TensorProto.DataType.FLOAT_VALUE);
      assertThat(initializer(graph, "embed.weight").getDataType())
          .isEqualTo(OnnxGraph.dataType(dtype));
      assertThat(graph.getNodeList())
          .extracting(NodeProto::getOpType)
          .doesNotContain(
              "Gemm",
              "QuickGelu",
              "SimplifiedLayerNormalization",
              "SkipSimplifiedLayerNormalization");
      assertThat(inputs(graph, "layers.0.qkv"))
          .containsExactly("embedded", "layers.0.qkv.weight", "", "layers.0.input_norm.weight");
      assertThat(inputs(graph, "layers.0.attention_output"))
          .containsExactly(
              "layers.0.attention", "layers.0.attention_output.weight", "", "", "embedded");
      assertThat(inputs(graph, "layers.0.inner"))
          .containsExactly(
              "layers.0.attention_output",
              "layers.0.gate_up.weight",
              "",
              "layers.0.mlp_norm.weight");
      assertThat(inputs(graph, "layers.0.mlp"))
          .containsExactly(
              "layers.0.inner", "layers.0.down.weight", "", "", "layers.0.attention_output");
      assertThat(nodes(graph, "Linear"))
          .filteredOn(node -> integers(node).get("gated") == 1)
          .extracting(node -> node.getOutput(0))
          .containsExactly("layers.0.inner", "layers.1.inner", "layers.2.inner");
      assertThat(nodes(graph, "TakeRows"))
          .extracting(node -> List.copyOf(node.getInputList()))
          .contains(
              List.of("embed.weight", "chosen_token_ids"),
              List.of("layers.0.mlp", "layers.1.kept_rows"));
      assertThat(nodes(graph, "RmsNorm")).isEmpty();
      assertThat(nodes(graph, "GreedyToken")).hasSize(1);
      assertThat(nodes(graph, "ArgMax")).isEmpty();
    }
  }

  @Test
  void refusesInvalidCheckLayers() throws IOException {
    ModelManifest manifest = export(CheckpointFixture.mistral(), Dtype.FP32);
    for (List<Integer> layers :
        List.of(List.<Integer>of(), List.of(0), List.of(3), List.of(2, 1), List.of(1, 1))) {
      assertThatThrownBy(() -> GraphBuilder.build(manifest, layers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("check layers: ");
    }
  }
}
