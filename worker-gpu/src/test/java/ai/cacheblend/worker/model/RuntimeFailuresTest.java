package ai.cacheblend.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeFailuresTest {
  /** The version whose texts are known. Verify them before you change it. */
  private static final String VERSION = "1.28.0";

  private static final long FOUR_PEBIBYTES_OF_FLOATS = 1L << 50;

  @Test
  void lackOfMemoryIsRecognizedByTheTextOfThisRuntimeVersion() throws OrtException {
    assertThat(ModelSession.runtimeVersion()).startsWith(VERSION);

    OrtException failure = outOfMemory();

    assertThat(failure).hasMessageContaining("Failed to allocate memory for requested buffer");
    assertThat(RuntimeFailures.of(failure))
        .isInstanceOf(DeviceMemoryException.class)
        .hasCause(failure);
  }

  /** Texts that need a GPU to occur, recorded with this version. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Available memory of 1048576 is smaller than requested bytes of 4194304",
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=host"
      })
  void lackOfDeviceMemoryIsRecognized(String message) {
    assertThat(RuntimeFailures.of(new OrtException(message)))
        .isInstanceOf(DeviceMemoryException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Exiting due to terminate flag being set to true.",
        "CUDA failure 700: an illegal memory access was encountered"
      })
  void otherFailuresAreModelFailures(String message) {
    assertThat(RuntimeFailures.of(new OrtException(message)))
        .isInstanceOf(ModelFailureException.class)
        .hasMessageContaining(message);
  }

  /** Runs a graph whose output exceeds every address space. */
  private static OrtException outOfMemory() throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(zeros().toByteArray(), options);
        OnnxTensor shape =
            OnnxTensor.createTensor(environment, new long[] {FOUR_PEBIBYTES_OF_FLOATS})) {
      return catchThrowableOfType(
          OrtException.class, () -> session.run(Map.of("shape", shape)).close());
    }
  }

  private static ModelProto zeros() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(
            GraphProto.newBuilder()
                .setName("zeros")
                .addInput(value("shape", TensorProto.DataType.INT64_VALUE, 1))
                .addOutput(value("zeros", TensorProto.DataType.FLOAT_VALUE, 0))
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType("ConstantOfShape")
                        .addInput("shape")
                        .addOutput("zeros")))
        .build();
  }

  /** A vector; of unknown length if {@code length} is 0. */
  private static ValueInfoProto value(String name, int type, long length) {
    TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
    if (length > 0) {
      dimension.setDimValue(length);
    } else {
      dimension.setDimParam("length");
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type)
                        .setShape(TensorShapeProto.newBuilder().addDim(dimension))))
        .build();
  }
}
