package ai.cacheblend.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against the Python libraries; {@code make_embeddings.py}. */
final class SentenceEncoderTest {

  /** Sums of 8-bit products differ between processors: some saturate at 16 bits. */
  private static final double TOLERANCE = 0.02;

  private static SentenceEncoder encoder;
  private static JsonNode goldens;

  @BeforeAll
  static void load() throws IOException {
    encoder = SentenceEncoder.load();
    try (InputStream file = SentenceEncoderTest.class.getResourceAsStream("/embeddings.json")) {
      goldens = new JsonMapper().readTree(file).get("goldens");
    }
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void embeddingsEqualThoseOfPython() {
    float[] question = encoder.embed(goldens.get(0).get("text").textValue());
    for (JsonNode golden : goldens) {
      String text = golden.get("text").textValue();
      float[] embedding = encoder.embed(text);
      assertThat(embedding).as(text).hasSize(SentenceEncoder.DIMENSIONS);
      for (int i = 0; i < golden.get("first").size(); i++) {
        assertThat((double) embedding[i])
            .as("%s [%d]", text, i)
            .isCloseTo(golden.get("first").get(i).doubleValue(), within(TOLERANCE));
      }
      assertThat(distance(embedding, question))
          .as(text)
          .isCloseTo(golden.get("distance_to_question").doubleValue(), within(TOLERANCE));
    }
  }

  @Test
  void embeddingsHaveLengthOne() {
    float[] embedding = encoder.embed("Vienna lies on the Danube.");
    assertThat(distance(embedding, new float[embedding.length])).isCloseTo(1, within(1e-6));
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow((double) a[i] - b[i], 2);
    }
    return Math.sqrt(squares);
  }
}
