package ai.cacheblend.worker.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirstRowsOpTest {
  private static final float[][] TABLE = {{1, 2}, {3, 4}, {5, 6}};

  private final OpFixture fixture = new OpFixture();

  @AfterEach
  void close() throws OrtException {
    fixture.close();
  }

  @Test
  void takesAsManyRowsAsTheOtherTensorHas() throws OrtException {
    assertThat(firstRows(new float[2][5])).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}});
    assertThat(firstRows(new float[3][1])).isDeepEqualTo(TABLE);
  }

  @Test
  void tableWithFewerRowsIsRefused() {
    assertThatThrownBy(() -> firstRows(new float[4][1]))
        .hasMessageContaining("table: dimension 0 is 3, expected at least 4");
  }

  private float[][] firstRows(float[][] like) throws OrtException {
    return (float[][])
        fixture.firstRows().run(Map.of("table", TABLE, "like", like)).get("first_rows");
  }
}
