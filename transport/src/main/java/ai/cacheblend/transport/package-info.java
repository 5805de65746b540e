/** I/O threads of gRPC channels and servers, shared by the orchestrator and the worker. */
package ai.cacheblend.transport;
