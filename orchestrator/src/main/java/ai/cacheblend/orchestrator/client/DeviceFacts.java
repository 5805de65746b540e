package ai.cacheblend.orchestrator.client;

import ai.cacheblend.proto.v1.DeviceDescription;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The description of a worker's device; the fields differ by kind of device. */
final class DeviceFacts {
  /** Fields with a component of {@link WorkerDescription.Device}. */
  private static final Set<String> DEDICATED_FIELDS =
      Set.of("kind", "name", "thread_count", "instruction_set");

  private DeviceFacts() {}

  static WorkerDescription.Device device(DeviceDescription device) {
    Map<String, Object> facts = fields(device);
    facts.keySet().removeAll(DEDICATED_FIELDS);
    return new WorkerDescription.Device(
        device.getKind(),
        device.getName(),
        device.getThreadCount(),
        device.getInstructionSet(),
        facts);
  }

  /** The fields that are set, by their names in the contract. */
  private static Map<String, Object> fields(Message message) {
    Map<String, Object> fields = new TreeMap<>();
    message.getAllFields().forEach((field, value) -> fields.put(field.getName(), plain(value)));
    return fields;
  }

  /** Keeps numbers and booleans, converts lists and messages recursively, the rest to text. */
  private static Object plain(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(DeviceFacts::plain).toList();
    }
    if (value instanceof Message message) {
      return fields(message);
    }
    return value instanceof Number || value instanceof Boolean ? value : value.toString();
  }
}
