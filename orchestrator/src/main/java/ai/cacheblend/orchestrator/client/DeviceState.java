package ai.cacheblend.orchestrator.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * State of a worker's device at a moment; empty if the worker does not report it.
 *
 * @param throttledBy reasons of reduced clocks other than idling, by their names in the contract
 * @param statistics clocks, power, temperature, memory, by their names in the contract
 */
public record DeviceState(List<String> throttledBy, Map<String, Object> statistics) {
  public static final DeviceState UNKNOWN = new DeviceState(List.of(), Map.of());

  public DeviceState {
    throttledBy = List.copyOf(throttledBy);
    statistics = Collections.unmodifiableMap(new LinkedHashMap<>(statistics));
  }
}
