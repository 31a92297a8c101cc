using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies a 64-bit ELF file and marks its requirement of one symbol version as weak.</summary>
public sealed class WeakenElfVersion : Task
{
    private const uint GnuVersionNeeds = 0x6ffffffe;   // SHT_GNU_verneed
    private const byte WeakFlag = 2;                   // VER_FLG_WEAK

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        byte[] file = File.ReadAllBytes(Source);
        if (Weaken(file) == 0)
        {
            Log.LogWarning("no requirement of " + Version + " in " + Source + "; copied unchanged");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        string temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, file);
        try
        {
            if (!File.Exists(Destination))
            {
                File.Move(temporary, Destination);
            }
        }
        catch (IOException) when (File.Exists(Destination))
        {
            // Another project of the same build was first; its copy is the same.
        }

        File.Delete(temporary);
        return !Log.HasLoggedErrors;
    }

    private int Weaken(byte[] file)
    {
        int hits = 0;
        long sections = BitConverter.ToInt64(file, 0x28);
        int sectionSize = BitConverter.ToUInt16(file, 0x3A);
        int sectionCount = BitConverter.ToUInt16(file, 0x3C);
        for (int i = 0; i < sectionCount; i++)
        {
            int header = (int)sections + (i * sectionSize);
            if (BitConverter.ToUInt32(file, header + 4) != GnuVersionNeeds)
            {
                continue;
            }

            int stringSection = (int)sections + (BitConverter.ToInt32(file, header + 40) * sectionSize);
            long strings = BitConverter.ToInt64(file, stringSection + 24);
            long need = BitConverter.ToInt64(file, header + 24);
            for (uint next = 1; next != 0; need += next)
            {
                int count = BitConverter.ToUInt16(file, (int)need + 2);
                long auxiliary = need + BitConverter.ToUInt32(file, (int)need + 8);
                for (int k = 0; k < count; k++)
                {
                    if (NameAt(file, strings + BitConverter.ToUInt32(file, (int)auxiliary + 8)) == Version)
                    {
                        file[auxiliary + 4] |= WeakFlag;
                        hits++;
                    }

                    auxiliary += BitConverter.ToUInt32(file, (int)auxiliary + 12);
                }

                next = BitConverter.ToUInt32(file, (int)need + 12);
            }
        }

        return hits;
    }

    private static string NameAt(byte[] file, long offset)
    {
        int end = Array.IndexOf(file, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(file, (int)offset, end - (int)offset);
    }
}
