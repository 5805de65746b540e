package ai.cacheblend.worker.kv;

import ai.cacheblend.worker.TestDevice;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A session of a graph with one custom op; tensors have the names of the contract. */
final class OpGraph implements AutoCloseable {
  private static final Set<String> FLOATS =
      Set.of(
          "q",
          "k",
          "v",
          "cos",
          "sin",
          "q_rotated",
          "scores",
          "attention",
          "table",
          "like",
          "first_rows");

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OpGraph(String op, Map<String, Number> attributes, List<String> inputs, List<String> outputs)
      throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(2);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL); // errors are also thrown
      TestDevice.configure(options);
      options.registerCustomOpLibrary(NativeLibrary.path().toString());
      session =
          environment.createSession(model(op, attributes, inputs, outputs).toByteArray(), options);
    }
  }

  /** Values are {@code long[]} or {@code float[][]}; the results are by output name. */
  Map<String, Object> run(Map<String, ?> inputs) throws OrtException {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, ?> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensorOf(input.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, Object> outputs = new LinkedHashMap<>();
        for (var output : result) {
          outputs.put(output.getKey(), output.getValue().getValue());
        }
        return outputs;
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensorOf(Object value) throws OrtException {
    return value instanceof long[] longs // createTensor refuses an empty array
        ? OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), new long[] {longs.length})
        : OnnxTensor.createTensor(environment, value);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }

  private static ModelProto model(
      String op, Map<String, Number> attributes, List<String> inputs, List<String> outputs) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(op)
            .setDomain("ai.cacheblend")
            .addAllInput(inputs)
            .addAllOutput(outputs);
    attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
    GraphProto.Builder graph = GraphProto.newBuilder().setName(op).addNode(node);
    inputs.stream().filter(name -> !name.isEmpty()).forEach(name -> graph.addInput(tensor(name)));
    outputs.forEach(name -> graph.addOutput(tensor(name)));
    return ModelProto.newBuilder()
        .setIrVersion(9)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.cacheblend").setVersion(1))
        .setGraph(graph)
        .build();
  }

  private static AttributeProto attribute(String name, Number value) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    return value instanceof Float number
        ? attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number).build()
        : attribute.setType(AttributeProto.AttributeType.INT).setI(value.longValue()).build();
  }

  private static ValueInfoProto tensor(String name) {
    TensorProto.DataType type =
        FLOATS.contains(name) ? TensorProto.DataType.FLOAT : TensorProto.DataType.INT64;
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber())))
        .build();
  }
}
