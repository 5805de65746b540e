package ai.cacheblend.worker.export.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.RopeParameters;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Configurations of published models against what transformers reads from them. */
final class PublishedConfigsTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static JsonNode read(String name) throws IOException {
    return MAPPER.readTree(Resources.toByteArray(Resources.getResource("published/" + name)));
  }

  @TestFactory
  Stream<DynamicTest> areReadAsTransformersReadsThem() throws IOException {
    JsonNode expected = read("expected.json");
    return read("configs.json")
        .valueStream()
        .map(
            model -> {
              String name = model.get("name").asText();
              return DynamicTest.dynamicTest(
                  name, () -> assertModel((ObjectNode) model.get("config"), expected.get(name)));
            });
  }

  private static void assertModel(ObjectNode json, JsonNode expected) throws IOException {
    CheckpointConfig config = CheckpointConfig.of(Path.of("config.json"), json, Set.of());
    ModelConfig model = config.model();
    ModelConfig.Attention attention = model.attention();
    assertThat(attention.headSize()).isEqualTo(expected.get("head_size").intValue());
    assertThat(attention.layerWindows()).isEqualTo(integers(expected.get("windows")));
    assertThat(attention.queryKeyNorm()).isEqualTo(expected.get("head_norms").booleanValue());
    assertThat(model.decoder().attentionScale().orElse(1 / Math.sqrt(attention.headSize())))
        .isCloseTo(expected.get("scale").doubleValue(), within(1e-12));
    assertThat(model.vocabulary().tiedOutput()).isEqualTo(expected.get("tied").booleanValue());
    assertThat(config.eosTokenIds()).isEqualTo(integers(expected.get("eos")));
    assertThat(model.maxPositionCount()).isEqualTo(positions(json, expected));
    JsonNode rotary = expected.get("rotary");
    assertAngles(model.rope(), attention.headSize(), rotary.get(0));
    assertThat(model.decoder().windowRope().isPresent()).isEqualTo(rotary.size() == 2);
    if (rotary.size() == 2) {
      assertAngles(model.decoder().windowRope().get(), attention.headSize(), rotary.get(1));
    }
  }

  /** Longer sequences have other angles with longrope, so that an export ends there. */
  private static int positions(ObjectNode json, JsonNode expected) {
    return json.path("rope_scaling").path("type").asText().equals("longrope")
        ? json.get("original_max_position_embeddings").intValue()
        : expected.get("positions").intValue();
  }

  /** Angles of transformers are in fp32; pairs behind them are not rotated. */
  private static void assertAngles(RopeParameters rope, int headSize, JsonNode expected) {
    double[] angles = rope.anglesPerPosition(headSize);
    JsonNode listed = expected.get("angles");
    for (int pair = 0; pair < angles.length; pair++) {
      double angle = listed.path(pair).asDouble(0);
      assertThat(angles[pair]).as("pair %s", pair).isCloseTo(angle, within(2e-6 * angle));
    }
    assertThat(rope.amplitude()).isCloseTo(expected.get("amplitude").asDouble(), within(1e-6));
  }

  private static List<Integer> integers(JsonNode array) {
    List<Integer> values = new ArrayList<>();
    array.forEach(value -> values.add(value.intValue()));
    return values;
  }
}
