/** What the GPU of a worker is, and how it is doing: NVIDIA's driver and NVML. */
package ai.cacheblend.worker.device;
