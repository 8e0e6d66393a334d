#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

#include <hdf5.h>

/*
 * Names that HDF5 defines as macros. Swift does not import those that contain a call or a cast, and it rejects the
 * global variables behind the H5T_ and H5P_ names as shared mutable state. Each needed name gets an accessor; nothing
 * else belongs here.
 */

/** H5E_DEFAULT: the error stack of the calling thread. */
static inline hid_t CHDF5_H5E_DEFAULT(void) { return H5E_DEFAULT; }

/** H5F_ACC_RDONLY: open for reading only. */
static inline unsigned CHDF5_H5F_ACC_RDONLY(void) { return H5F_ACC_RDONLY; }
/** H5F_ACC_TRUNC: create, replacing what is there. */
static inline unsigned CHDF5_H5F_ACC_TRUNC(void) { return H5F_ACC_TRUNC; }

/** H5FD_SEC2: the driver that reads files through descriptors. */
static inline hid_t CHDF5_H5FD_SEC2(void) { return H5FD_SEC2; }

/** H5FD_CORE: the driver for files in memory. */
static inline hid_t CHDF5_H5FD_CORE(void) { return H5FD_CORE; }

/** HADDR_UNDEF: the address of what is not in the file. */
static inline haddr_t CHDF5_HADDR_UNDEF(void) { return HADDR_UNDEF; }

/** H5P_DEFAULT: the default property list of any class. */
static inline hid_t CHDF5_H5P_DEFAULT(void) { return H5P_DEFAULT; }
/** H5P_FILE_ACCESS: the class of file access properties. */
static inline hid_t CHDF5_H5P_FILE_ACCESS(void) { return H5P_FILE_ACCESS; }
/** H5P_FILE_CREATE: the class of file creation properties. */
static inline hid_t CHDF5_H5P_FILE_CREATE(void) { return H5P_FILE_CREATE; }
/** H5P_GROUP_CREATE: the class of group creation properties. */
static inline hid_t CHDF5_H5P_GROUP_CREATE(void) { return H5P_GROUP_CREATE; }
/** H5P_DATASET_CREATE: the class of dataset creation properties. */
static inline hid_t CHDF5_H5P_DATASET_CREATE(void) { return H5P_DATASET_CREATE; }
/** H5P_DATASET_ACCESS: the class of dataset access properties. */
static inline hid_t CHDF5_H5P_DATASET_ACCESS(void) { return H5P_DATASET_ACCESS; }
/** H5P_LINK_ACCESS: the class of link access properties. */
static inline hid_t CHDF5_H5P_LINK_ACCESS(void) { return H5P_LINK_ACCESS; }
/** H5P_LINK_CREATE: the class of link creation properties. */
static inline hid_t CHDF5_H5P_LINK_CREATE(void) { return H5P_LINK_CREATE; }
/** H5P_ATTRIBUTE_CREATE: the class of attribute creation properties. */
static inline hid_t CHDF5_H5P_ATTRIBUTE_CREATE(void) { return H5P_ATTRIBUTE_CREATE; }

/** H5S_ALL: the whole extent. */
static inline hid_t CHDF5_H5S_ALL(void) { return H5S_ALL; }

/** H5T_VARIABLE: the size of a variable-length string. */
static inline size_t CHDF5_H5T_VARIABLE(void) { return H5T_VARIABLE; }
/** H5T_C_S1: the string type that others are copied from. */
static inline hid_t CHDF5_H5T_C_S1(void) { return H5T_C_S1; }

/** H5T_NATIVE_FLOAT and its kin: the number types of this machine. */
static inline hid_t CHDF5_H5T_NATIVE_FLOAT(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t CHDF5_H5T_NATIVE_DOUBLE(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t CHDF5_H5T_NATIVE_INT8(void) { return H5T_NATIVE_INT8; }
static inline hid_t CHDF5_H5T_NATIVE_INT16(void) { return H5T_NATIVE_INT16; }
static inline hid_t CHDF5_H5T_NATIVE_INT32(void) { return H5T_NATIVE_INT32; }
static inline hid_t CHDF5_H5T_NATIVE_INT64(void) { return H5T_NATIVE_INT64; }
static inline hid_t CHDF5_H5T_NATIVE_UINT8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t CHDF5_H5T_NATIVE_UINT16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t CHDF5_H5T_NATIVE_UINT32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t CHDF5_H5T_NATIVE_UINT64(void) { return H5T_NATIVE_UINT64; }

/** H5T_IEEE_F32LE and its kin: the number types of files, the same on every machine. */
static inline hid_t CHDF5_H5T_IEEE_F32LE(void) { return H5T_IEEE_F32LE; }
static inline hid_t CHDF5_H5T_IEEE_F64LE(void) { return H5T_IEEE_F64LE; }
static inline hid_t CHDF5_H5T_STD_I8LE(void) { return H5T_STD_I8LE; }
static inline hid_t CHDF5_H5T_STD_I16LE(void) { return H5T_STD_I16LE; }
static inline hid_t CHDF5_H5T_STD_I32LE(void) { return H5T_STD_I32LE; }
static inline hid_t CHDF5_H5T_STD_I64LE(void) { return H5T_STD_I64LE; }
static inline hid_t CHDF5_H5T_STD_U8LE(void) { return H5T_STD_U8LE; }
static inline hid_t CHDF5_H5T_STD_U16LE(void) { return H5T_STD_U16LE; }
static inline hid_t CHDF5_H5T_STD_U32LE(void) { return H5T_STD_U32LE; }
static inline hid_t CHDF5_H5T_STD_U64LE(void) { return H5T_STD_U64LE; }

#endif
