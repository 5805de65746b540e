package ai.cacheblend.worker.export.lowering;

import ai.cacheblend.worker.export.weights.FloatBits;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects nodes and initializers. A node has the name of its first output. */
final class OnnxGraph {

  /** The domain of the standard operators. */
  static final String STANDARD = "";

  static final String MICROSOFT = "com.microsoft";
  static final String CACHEBLEND = "ai.cacheblend";

  private static final Map<String, Integer> OPSETS =
      Map.of(STANDARD, 17, MICROSOFT, 1, CACHEBLEND, 1);
  // The first IR version that allows opset 17.
  private static final int IR_VERSION = 8;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("decoder");
  private final Set<String> initializers = new HashSet<>();

  /** A dimension is a number, or the name of a dynamic size. */
  void input(String name, int dataType, Object... dimensions) {
    graph.addInput(valueInfo(name, dataType, dimensions));
  }

  void output(String name, int dataType, Object... dimensions) {
    graph.addOutput(valueInfo(name, dataType, dimensions));
  }

  /** A node with one output; returns the name of the output. */
  String node(
      String domain, String op, String output, List<String> inputs, Attribute... attributes) {
    node(domain, op, List.of(output), inputs, attributes);
    return output;
  }

  /** A node; an empty name stands for an optional input or output that is absent. */
  void node(
      String domain,
      String op,
      List<String> outputs,
      List<String> inputs,
      Attribute... attributes) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setDomain(domain)
            .setOpType(op)
            .setName(outputs.get(0))
            .addAllInput(inputs)
            .addAllOutput(outputs);
    for (Attribute attribute : attributes) {
      node.addAttribute(attribute.proto());
    }
    graph.addNode(node);
  }

  /** A node of the standard domain with one output. */
  String standard(String op, String output, List<String> inputs, Attribute... attributes) {
    return node(STANDARD, op, output, inputs, attributes);
  }

  /** The block as an initializer with external data; repeated calls return the same one. */
  String weight(WeightBlock block) {
    if (initializers.add(block.name())) {
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(block.name())
              .setDataType(dataType(block.dtype()))
              .addAllDims(block.shape().stream().map(Integer::longValue).toList())
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", ModelManifest.WEIGHTS_FILE))
              .addExternalData(entry("offset", Long.toString(block.offset())))
              .addExternalData(entry("length", Long.toString(block.byteCount()))));
    }
    return block.name();
  }

  /** A list of int64 in the graph itself. */
  String list(String name, long... values) {
    if (initializers.add(name)) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(values);
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(TensorProto.DataType.INT64_VALUE)
              .addDims(values.length)
              .setRawData(ByteString.copyFrom(bytes)));
    }
    return name;
  }

  /** A single number of a compute type in the graph itself, rounded to nearest even. */
  String number(String name, Dtype dtype, float value) {
    if (initializers.add(name)) {
      ByteBuffer bytes = ByteBuffer.allocate(dtype.byteCount()).order(ByteOrder.LITTLE_ENDIAN);
      switch (dtype) {
        case FP32 -> bytes.putFloat(value);
        case FP16 -> bytes.putShort(FloatBits.toHalf(value));
        case BF16 -> bytes.putShort(FloatBits.toBfloat(value));
      }
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(dataType(dtype))
              .setRawData(ByteString.copyFrom(bytes.flip())));
    }
    return name;
  }

  ModelProto model() {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("cacheblend")
            .setGraph(graph);
    for (String domain : List.of(STANDARD, MICROSOFT, CACHEBLEND)) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(OPSETS.get(domain)));
    }
    return model.build();
  }

  static int dataType(Dtype dtype) {
    return switch (dtype) {
      case FP32 -> TensorProto.DataType.FLOAT_VALUE;
      case FP16 -> TensorProto.DataType.FLOAT16_VALUE;
      case BF16 -> TensorProto.DataType.BFLOAT16_VALUE;
    };
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static ValueInfoProto valueInfo(String name, int dataType, Object... dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dimension : dimensions) {
      TensorShapeProto.Dimension.Builder proto = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          dimension instanceof Integer number
              ? proto.setDimValue(number)
              : proto.setDimParam(dimension.toString()));
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(dataType).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** An attribute of a node. */
  record Attribute(AttributeProto proto) {

    static Attribute of(String name, long value) {
      return new Attribute(
          AttributeProto.newBuilder()
              .setName(name)
              .setType(AttributeProto.AttributeType.INT)
              .setI(value)
              .build());
    }

    static Attribute of(String name, float value) {
      return new Attribute(
          AttributeProto.newBuilder()
              .setName(name)
              .setType(AttributeProto.AttributeType.FLOAT)
              .setF(value)
              .build());
    }
  }
}
