/** The files the studio takes. Written by proto/schemas.py. */
export const EXTENSIONS: Record<'image' | 'video' | 'audio', readonly string[]> =
  {"image": ["png", "jpg", "jpeg", "webp", "avif"], "video": ["mp4", "m4v", "mov", "webm", "mkv", "avi"], "audio": ["m4a", "mp4", "mov", "webm", "mka", "mkv", "wav", "mp3", "aac", "flac", "ogg", "oga", "opus"]}
